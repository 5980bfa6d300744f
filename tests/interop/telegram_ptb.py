"""python-telegram-bot against the simulated Telegram: `telegram_ptb.py URL TOKEN`."""

import asyncio
import sys

from telegram import BotCommand, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    ExtBot,
    MessageHandler,
    filters,
)

from telegram_person import Person

Context = ContextTypes.DEFAULT_TYPE


async def start(update: Update, _: Context) -> None:
    hours = [InlineKeyboardButton(hour, callback_data=f"hour:{hour}") for hour in ("10:00", "11:00")]
    keyboard = InlineKeyboardMarkup([hours])
    await update.message.reply_text("*Choose* an hour\\.", parse_mode="MarkdownV2", reply_markup=keyboard)


async def chosen(update: Update, _: Context) -> None:
    await update.callback_query.answer("Noted")
    await update.callback_query.edit_message_text(f"Booked {update.callback_query.data}")


async def report(update: Update, _: Context) -> None:
    sent = await update.message.reply_document(b"hour;name\n10;Anna\n", filename="report.csv", caption="Report")
    assert sent.document.file_name == "report.csv", sent
    file = await sent.document.get_file()
    assert bytes(await file.download_as_bytearray()) == b"hour;name\n10;Anna\n"


async def document(update: Update, _: Context) -> None:
    file = await update.message.document.get_file()
    content = bytes(await file.download_as_bytearray()).decode()
    await update.message.reply_text(f"Got {update.message.document.file_name}: {content}", do_quote=True)


async def converse(person: Person) -> None:
    """Plays the person; each step waits for the bot, which polls in this process."""

    async def step(deed, *args):
        return await asyncio.to_thread(deed, *args)

    await step(person.send, "/start")
    offer = await step(person.wait, "Choose an hour.")
    assert [button["text"] for button in offer["buttons"][0]] == ["10:00", "11:00"], offer
    await step(person.press, "10:00")
    booked = await step(person.wait, "Booked hour:10:00")
    assert booked["edited"] and booked["id"] == offer["id"] and booked["buttons"] == [], booked
    assert await step(person.answers) == ["Noted"]
    await step(person.send, "/report")
    report = await step(person.wait, "Report")
    assert report["attachment"] == {"kind": "document", "name": "report.csv"}, report
    await step(person.send_document, "list.txt", "one, two")
    await step(person.wait, "Got list.txt: one, two")


async def expect(error: type[Exception], words: str, call) -> Exception:
    try:
        await call
    except error as caught:
        assert words.lower() in str(caught).lower(), caught
        return caught
    raise AssertionError(f"{error.__name__} did not come")


async def check_errors(bot: ExtBot, person: Person, chat: int) -> None:
    """Each refusal must arrive as the exception that the library has for it."""
    await expect(BadRequest, "can't parse entities", bot.send_message(chat, "<b>x", parse_mode="HTML"))
    sent = await bot.send_message(chat, "same")
    await expect(BadRequest, "message is not modified", sent.edit_text("same"))
    await expect(BadRequest, "chat not found", bot.send_message(42, "x"))
    await expect(BadRequest, "query is too old", bot.answer_callback_query("1"))
    person.block()
    await expect(Forbidden, "bot was blocked by the user", bot.send_message(chat, "x"))
    person.unblock()
    person.fault("sendMessage", "retry_after", seconds=3)
    flood = await expect(RetryAfter, "flood control", bot.send_message(chat, "x"))
    assert int(getattr(flood.retry_after, "total_seconds", lambda: flood.retry_after)()) == 3, flood
    person.fault("sendMessage", "cut_after")
    await expect(NetworkError, "", bot.send_message(chat, "lost answer"))
    person.wait("lost answer")
    person.fault("getMe", "status", code=502)
    await expect(NetworkError, "bad gateway", bot.get_me())
    for update in await bot.get_updates():
        await bot.get_updates(offset=update.update_id + 1)
    poll = asyncio.create_task(bot.get_updates(timeout=20))
    await asyncio.sleep(0.1)
    newer = asyncio.create_task(bot.get_updates(timeout=1))
    await expect(Conflict, "terminated by other getUpdates request", poll)
    await newer


async def check_profile(bot: ExtBot, chat: int) -> None:
    me = await bot.get_me()
    assert (me.is_bot, me.username) == (True, "interop_bot"), me
    commands = (BotCommand("start", "Begin"),)
    assert await bot.set_my_commands(commands)
    assert await bot.get_my_commands() == commands
    assert await bot.set_my_short_description("About")
    assert (await bot.get_my_short_description()).short_description == "About"
    assert (await bot.get_chat(chat)).first_name == "anna"
    assert (await bot.get_webhook_info()).url == ""
    sent = await bot.send_contact(chat, "+79990000000", "Anna")
    assert sent.contact.phone_number == "+79990000000", sent
    copy = await bot.copy_message(chat, chat, sent.message_id)
    assert await bot.delete_message(chat, copy.message_id)
    assert await bot.pin_chat_message(chat, sent.message_id)
    assert await bot.send_chat_action(chat, "typing")


async def main(url: str, token: str) -> None:
    def build(token: str) -> Application:
        builder = Application.builder().token(token).get_updates_connection_pool_size(2)
        return builder.base_url(f"{url}/bot").base_file_url(f"{url}/file/bot").build()

    application = build(token)
    application.add_handler(CommandHandler("start", start))
    application.add_handler(CommandHandler("report", report))
    application.add_handler(CallbackQueryHandler(chosen, pattern="^hour:"))
    application.add_handler(MessageHandler(filters.Document.ALL, document))
    person = Person(url, "interop_bot", "anna")
    async with application:
        await application.start()
        await application.updater.start_polling(timeout=5)
        await converse(person)
        await application.updater.stop()
        await application.stop()
        chat = person.state()["chat_id"]
        await check_profile(application.bot, chat)
        await check_errors(application.bot, person, chat)
    await expect(InvalidToken, "", build("1:unknown").initialize())


asyncio.run(main(*sys.argv[1:]))
