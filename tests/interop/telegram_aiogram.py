"""aiogram against the simulated Telegram: `telegram_aiogram.py URL TOKEN`."""

import asyncio
import io
import sys

from aiogram import Bot, Dispatcher, F
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramConflictError,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.filters import Command, CommandStart
from aiogram.types import (
    BotCommand,
    BufferedInputFile,
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Message,
)

from telegram_person import Person

dispatcher = Dispatcher()


@dispatcher.message(CommandStart())
async def start(message: Message) -> None:
    hours = [InlineKeyboardButton(text=hour, callback_data=f"hour:{hour}") for hour in ("10:00", "11:00")]
    keyboard = InlineKeyboardMarkup(inline_keyboard=[hours])
    await message.answer("<b>Choose</b> an hour &amp; press", reply_markup=keyboard)


@dispatcher.callback_query(F.data.startswith("hour:"))
async def chosen(query: CallbackQuery) -> None:
    await query.answer("Noted", show_alert=True)
    await query.message.edit_text(f"Booked {query.data}")


@dispatcher.message(Command("report"))
async def report(message: Message) -> None:
    file = BufferedInputFile(b"hour;name\n10;Anna\n", filename="report.csv")
    sent = await message.answer_document(file, caption="Report")
    assert sent.document.file_name == "report.csv", sent
    again = io.BytesIO()
    await message.bot.download(sent.document, destination=again)
    assert again.getvalue() == b"hour;name\n10;Anna\n"


@dispatcher.message(F.document)
async def document(message: Message) -> None:
    content = io.BytesIO()
    await message.bot.download(message.document, destination=content)
    await message.reply(f"Got {message.document.file_name}: {content.getvalue().decode()}")


async def converse(person: Person) -> None:
    """Plays the person; each step waits for the bot, which polls in this process."""

    async def step(deed, *args):
        return await asyncio.to_thread(deed, *args)

    await step(person.send, "/start")
    offer = await step(person.wait, "Choose an hour & press")
    assert [button["text"] for button in offer["buttons"][0]] == ["10:00", "11:00"], offer
    await step(person.press, "11:00")
    booked = await step(person.wait, "Booked hour:11:00")
    assert booked["edited"] and booked["id"] == offer["id"] and booked["buttons"] == [], booked
    assert await step(person.answers) == ["Noted"]
    await step(person.send, "/report")
    report = await step(person.wait, "Report")
    assert report["attachment"] == {"kind": "document", "name": "report.csv"}, report
    await step(person.send_document, "list.txt", "one, two")
    await step(person.wait, "Got list.txt: one, two")


async def expect(error: type[Exception], call) -> Exception:
    try:
        await call
    except error as caught:
        return caught
    raise AssertionError(f"{error.__name__} did not come")


async def check_errors(bot: Bot, person: Person, chat: int) -> None:
    """Each refusal must arrive as the exception that aiogram has for it."""
    wrong = await expect(TelegramBadRequest, bot.send_message(chat, "<b>x"))
    assert "can't parse entities" in wrong.message, wrong
    sent = await bot.send_message(chat, "same")
    same = await expect(TelegramBadRequest, bot.edit_message_text("same", chat_id=chat, message_id=sent.message_id))
    assert "message is not modified" in same.message, same
    await expect(TelegramBadRequest, bot.send_message(42, "x"))
    await expect(TelegramBadRequest, bot.answer_callback_query("1"))
    person.block()
    blocked = await expect(TelegramForbiddenError, bot.send_message(chat, "x"))
    assert "bot was blocked by the user" in blocked.message, blocked
    person.unblock()
    person.fault("sendMessage", "retry_after", seconds=3)
    flood = await expect(TelegramRetryAfter, bot.send_message(chat, "x"))
    assert flood.retry_after == 3, flood
    person.fault("sendMessage", "cut_after")
    await expect(TelegramNetworkError, bot.send_message(chat, "lost answer"))
    person.wait("lost answer")
    person.fault("getMe", "status", code=502)
    await expect(TelegramServerError, bot.get_me())
    for update in await bot.get_updates():
        await bot.get_updates(offset=update.update_id + 1)
    poll = asyncio.create_task(bot.get_updates(timeout=20))
    await asyncio.sleep(0.1)
    newer = asyncio.create_task(bot.get_updates(timeout=1))
    conflict = await expect(TelegramConflictError, poll)
    assert "terminated by other getUpdates request" in conflict.message, conflict
    await newer


async def check_profile(bot: Bot, chat: int) -> None:
    me = await bot.get_me()
    assert (me.is_bot, me.username) == (True, "interop_bot"), me
    commands = [BotCommand(command="start", description="Begin")]
    assert await bot.set_my_commands(commands)
    kept = await bot.get_my_commands()
    assert [(command.command, command.description) for command in kept] == [("start", "Begin")], kept
    assert await bot.set_my_description("About")
    assert (await bot.get_my_description()).description == "About"
    assert (await bot.get_chat(chat)).first_name == "anna"
    assert (await bot.get_webhook_info()).url == ""
    sent = await bot.send_location(chat, 55.75, 37.61)
    assert sent.location.latitude == 55.75, sent
    copy = await bot.copy_message(chat, chat, sent.message_id)
    forwarded = await bot.forward_message(chat, chat, sent.message_id)
    assert forwarded.forward_origin.sender_user.id == me.id, forwarded
    assert await bot.delete_messages(chat, [copy.message_id, forwarded.message_id])
    assert await bot.pin_chat_message(chat, sent.message_id)
    assert await bot.send_chat_action(chat, "typing")


async def main(url: str, token: str) -> None:
    session = AiohttpSession(api=TelegramAPIServer.from_base(url))
    bot = Bot(token, session=session, default=DefaultBotProperties(parse_mode="HTML"))
    person = Person(url, "interop_bot", "anna")
    polling = asyncio.create_task(dispatcher.start_polling(bot, handle_signals=False, polling_timeout=5))
    await converse(person)
    await dispatcher.stop_polling()
    await polling
    chat = person.state()["chat_id"]
    await check_profile(bot, chat)
    await check_errors(bot, person, chat)
    stranger = Bot("1:unknown", session=session)
    await expect(TelegramUnauthorizedError, stranger.get_me())
    await session.close()


asyncio.run(main(*sys.argv[1:]))
