//! The Master Bot in English.

use expect_test::expect;

use crate::bots::rig::Rig;

/// A menu of the other language still works.
#[tokio::test]
async fn an_operator_is_spoken_to_in_english() {
    let rig = Rig::master(&[("SERVER__LOCALE", "en")]).await;
    rig.check(expect![[r#"
        olga > /start
        bot  > 👋 Hello, olga!

               This is the Master Bot. Here you can:
               • add clients and start their bots
               • take payments and extend subscriptions
               • decide about payments that wait for a person
               • see how the clients and the queue are

               ✅ The queue works
               📋 Tasks in line: 0
        olga > ➕ Add a client
        bot  > ➕ A new client, step 1 of 4

               🔑 Send the bot's token from @BotFather.

               To leave: /cancel
        olga > {salon_bot}
        bot  x {salon_bot}
        bot  > 🔒 The message with the token was deleted from the chat.
        bot  > ✅ Found the bot: @salon_bot

               👤 Step 2 of 4. Who is the owner? A Telegram id, a contact or a message forwarded from them.

               To leave: /cancel
        olga > 200
        bot  > 🏢 Step 3 of 4. What is the business called?

               To leave: /cancel
        olga > Salon "Anna"
        bot  > 📅 Step 4 of 4. For how many days? Choose, or write a number.

               To leave: /cancel
               [30 days]
               [90 days]
               [180 days]
               [365 days]
               [❌ Cancel]
        olga > [30 days]
        bot  ~ 📋 Please check

               🏢 Business: Salon "Anna"
               🤖 Bot: @salon_bot
               👤 Owner: 200
               📅 For: 30 days

               Add the client?
               [✅ Confirm]
               [❌ Cancel]
        olga > [✅ Confirm]
        bot  ~ ✅ The task is made!

               🏢 Business: Salon "Anna"
               🆔 Task: j_1
               📋 Place in line: 1

               ⏳ A start usually takes a minute. A message will tell how it went.
        olga > 💰 Принять оплату
        bot  > 💰 Taking a payment

               🔍 Write a part of the business's name, the bot's name or the client's id.

               To leave: /cancel
        olga > @salon_bot
        bot  > 🏢 Salon "Anna"
               🤖 @salon_bot
               📌 Active until 23 Dec 2026, 13:00 (30 days left)

               📅 For how many days? Choose, or write a number.

               To leave: /cancel
               [30 days]
               [90 days]
               [180 days]
               [365 days]
               [❌ Cancel]
        olga > [30 days]
        bot  ~ 💰 Payment for 30 days. How much was received, in roubles?

               To leave: /cancel
               [299 ₽]
               [❌ Cancel]
        olga > [299 ₽]
        bot  ~ 📋 Please check the payment

               🏢 Business: Salon "Anna"
               📅 For: 30 days
               💰 Amount: 299 ₽
               ⏰ The subscription will last until 22 Jan 2027, 13:00

               Record it?
               [✅ Confirm]
               [❌ Cancel]
        olga > [✅ Confirm]
        bot  ~ ✅ Payment taken: 299 ₽

               🏢 Salon "Anna"
               ⏰ Subscription until 22 Jan 2027, 13:00
               [👤 The client's card]
        olga > 👥 Clients
        bot  > 👥 Clients: 1

               Choose a client 👇
               [✅ Salon "Anna" — until 22 Jan 2027]
               [🔍 Find]
        olga > [✅ Salon "Anna" — until 22 Jan 2027]
        bot  ~ 🏢 Salon "Anna"
               🤖 @salon_bot
               📌 Active until 22 Jan 2027, 13:00 (60 days left)
               ⚙️ Process: starting
               🧾 Payments: 1, received 299 ₽
               👤 Owner: 200 (tg://user?id=200)
               📅 Added: 23 Nov 2026, 13:00
               🆔 c_..
               [💰 Take a payment] [🎁 Give days]
               [⏸ Suspend] [🔁 Restart]
               [🚫 Cancel the service] [🗑 Remove]
               [🔑 New token] [✏️ Name] [👤 Owner]
               [🧾 Payments] [📜 Log] [🖥 Output]
               [⬅️ To the list]
        olga > [⏸ Suspend]
        bot  ~ ⏸ Suspended

               🏢 Salon "Anna"
               🤖 @salon_bot
               📌 Suspended by an operator since 23 Nov 2026, 13:00, paid until 22 Jan 2027, 13:00
               ⚙️ Process: starting
               🧾 Payments: 1, received 299 ₽
               👤 Owner: 200 (tg://user?id=200)
               📅 Added: 23 Nov 2026, 13:00
               🆔 c_..
               [↩️ Undo: suspension]
               [💰 Take a payment] [🎁 Give days]
               [▶️ Resume] [🔁 Restart]
               [🚫 Cancel the service] [🗑 Remove]
               [🔑 New token] [✏️ Name] [👤 Owner]
               [🧾 Payments] [📜 Log] [🖥 Output]
               [⬅️ To the list]
        olga > [↩️ Undo: suspension]
        bot  ~ ↩️ Undone: all is as it was

               🏢 Salon "Anna"
               🤖 @salon_bot
               📌 Active until 22 Jan 2027, 13:00 (60 days left)
               ⚙️ Process: starting
               🧾 Payments: 1, received 299 ₽
               👤 Owner: 200 (tg://user?id=200)
               📅 Added: 23 Nov 2026, 13:00
               🆔 c_..
               [💰 Take a payment] [🎁 Give days]
               [⏸ Suspend] [🔁 Restart]
               [🚫 Cancel the service] [🗑 Remove]
               [🔑 New token] [✏️ Name] [👤 Owner]
               [🧾 Payments] [📜 Log] [🖥 Output]
               [⬅️ To the list]
        olga > 🧾 Orders and payments
        bot  > 🧾 Orders and payments
               [⚠️ Wait for a decision: 0]
               [📦 Paid for, not running: 1]
               [🕓 Open orders: 0]
        olga > ⚙️ Queue
        bot  > ✅ The queue works
               📋 Tasks in line: 7

               💡 Tasks are done in turn.
               [📋 In line: 7]
        olga > 📊 Figures
        bot  > 📊 Figures at 23 Nov 2026, 13:00

               👥 Clients: 1
               🎁 On trial: 0
               ✅ Active: 1
               ⏳ In grace: 0
               ⏸ Suspended: 0
               ⛔ Cancelled: 0
               📦 Archived: 0

               🤖 Bots that run: 0
               ⚠️ Bots with a problem: 0
               🖥 ..

               💰 Taken in 30 days: 299 ₽ (RUB, payments: 1)
               💵 Taken today: 299 ₽ (RUB, payments: 1)
               ↩️ Given back in 30 days: 0 ₽

               🕓 Open orders: 0
               ⚠️ Payments that wait for a decision: 0
               🎁 Trials: 0, of which have paid: 0
               ⚙️ Tasks: in line 7, waiting 0, given up 0
        olga > ❓ Help
        bot  > ❓ Help

               /start — the beginning and the menu
               /clients — clients
               /find name — find a client by name, bot, owner or id
               /orders — orders and payments
               /queue — the queue of tasks
               /stats — figures
               /audit — who did what
               /backups — backups of the host
               /broadcast — news to all owners
               /cancel — leave the dialogue
               /help — this page

               ➕ Add a client
               1. The bot's token from @BotFather
               2. The owner: an id, a contact or a forwarded message
               3. The name of the business
               4. For how long
               The bot starts through the queue; the same message shows how it goes.

               💰 Take a payment
               1. Find the client
               2. For how long
               3. How much
               The subscription is extended by exactly that long.

               👥 Clients
               A client's card: payment, gift of days, pause, restart, new token, name, owner, payments, log, cancellation, removal. The last act can be taken back with “↩️” for a day; a removal cannot.

               🧾 Orders and payments
               Payments that wait for a decision: give the money back, grant the time, or close. What is paid for and does not run. Open orders.
        anna > /start
        bot  > ⛔ You have no access to this bot. Your Telegram id: 200. If you are an operator, put it into telegram.operators, or ask for a link: slotbox operators link.
    "#]])
    .await;
}
