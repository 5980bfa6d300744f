//! The Sales Bot in English.

use expect_test::expect;

use crate::bots::rig::Rig;

/// A menu of the other language still works.
#[tokio::test]
async fn a_bot_is_bought_in_english() {
    let rig = Rig::sales(&[("SERVER__LOCALE", "en")]).await;
    rig.check(expect![[r"
        anna > /start
        bot  > 👋 Hello, anna!

               🤖 A booking bot in Telegram for your business:

               ✅ Customers book by themselves, day and night
               ✅ Reminders of visits go out by themselves
               ✅ Services, hours and bookings are right in the bot
               ✅ No programming

               💰 From 299 ₽ for 30 days
               ⚡ It starts right after the payment
               🎁 The first 7 days are free

               Choose what to do 👇
        anna > 💳 Купить подписку
        bot  > 💎 Plans

               ⭐ Starter — 299 ₽ for 30 days
                  9.97 ₽ a day

               ⭐ Standard — 799 ₽ for 90 days
                  8.88 ₽ a day, you save 98 ₽

               ⭐ Business — 1499 ₽ for 180 days
                  8.33 ₽ a day, you save 295 ₽

               ⭐ Premium — 2499 ₽ for 365 days
                  6.85 ₽ a day, you save 1089 ₽

               Every plan has everything the bot can do. Choose how long 👇
               [30 days — 299 ₽]
               [90 days — 799 ₽]
               [180 days — 1499 ₽]
               [365 days — 2499 ₽]
        anna > [90 days — 799 ₽]
        bot  > You have chosen: ⭐ Standard — 799 ₽ for 90 days

               📝 Step 1 of 2. What is your business called? Customers will see this name.

               To cancel: /cancel
        anna > Anna's Salon
        bot  > 🏢 Anna's Salon

               🔑 Step 2 of 2. Send your bot's token:

               1. Open @BotFather and send /newbot
               2. Give the bot a name: customers will see it
               3. Give it an address that ends in “bot”
               4. Copy the token from the answer and send it here

               The bot must be new, or not used by any other program.

               To cancel: /cancel
               [⏳ I will connect a bot after paying]
        anna > not a token
        bot  > ⚠️ This does not look like a token. It looks like this: digits, a colon and 35 more characters. Copy all of it from @BotFather's message.

               To cancel: /cancel
        anna > {salon_bot}
        bot  x {salon_bot}
        bot  > 🔒 The message with the token is deleted from the chat.
        bot  > 💳 The order is ready

               🏢 Anna's Salon, new bot @salon_bot
               📋 Plan: Standard, 90 days
               💰 To pay: 799 ₽
               ⏰ Pay until 23 Nov 2026, 14:00
               🆔 o_..

               Press “Pay”: YooKassa's page opens. After the payment everything happens by itself, and a message comes here.
               [💳 Pay]
               [🔄 Check the payment]
        anna > [🔄 Check the payment]
        bot  > ⏳ The payment has not come yet. If you have just paid, wait a minute and check again.

               🆔 o_..
               [💳 Pay]
               [🔄 Check the payment]
        * the last order is paid
        anna > [🔄 Check the payment]
        bot  > ✅ Payment received! The time is added: 🤖 My bots.

               🆔 o_..
        anna > 🤖 My bots
        bot  > 🏢 Anna's Salon
               🤖 @salon_bot
               ✅ Paid until 21 Feb 2027, 13:00 (90 days left)

               ⏳ It is starting; this takes a minute.

               📋 Plan: Standard
               🧾 Payments: 1, 799 ₽ in all
               [🔄 Renew] [🧾 Payments]
               [🔑 Change the token]
               [🤖 Open the bot]
        anna > [🧾 Payments]
        bot  ~ 🧾 Payments: Anna's Salon

               23 Nov 2026 · 799 ₽ · 90 days
               [‹ Back]
        anna > [‹ Back]
        bot  ~ 🏢 Anna's Salon
               🤖 @salon_bot
               ✅ Paid until 21 Feb 2027, 13:00 (90 days left)

               ⏳ It is starting; this takes a minute.

               📋 Plan: Standard
               🧾 Payments: 1, 799 ₽ in all
               [🔄 Renew] [🧾 Payments]
               [🔑 Change the token]
               [🤖 Open the bot]
        anna > [🔄 Renew]
        bot  ~ 🔄 Renewal

               🏢 Anna's Salon
               🤖 @salon_bot
               ✅ Paid until 21 Feb 2027, 13:00 (90 days left)

               ⏳ It is starting; this takes a minute.

               The paid time is added to what is left. Choose how long 👇
               [30 days — 299 ₽]
               [90 days — 799 ₽]
               [180 days — 1499 ₽]
               [365 days — 2499 ₽]
        anna > [30 days — 299 ₽]
        bot  > 💳 The order is ready

               🔄 Anna's Salon, renewal of the bot @salon_bot
               📋 Plan: Starter, 30 days
               💰 To pay: 299 ₽
               ⏰ Pay until 23 Nov 2026, 14:00
               🆔 o_..

               Press “Pay”: YooKassa's page opens. After the payment everything happens by itself, and a message comes here.
               [💳 Pay]
               [🔄 Check the payment]
        * the last order expires
        anna > [🔄 Check the payment]
        bot  > ⌛ The time to pay is over; no money was taken. One button orders the same again.

               🆔 o_..
               [🔁 Order again]
        anna > 👀 See a bot
        bot  > 👀 This is what your customer sees. It is an example: press the buttons, nothing is booked.

               ——————

               Hello! This is the booking bot of “Sample Salon”.

               Here you can choose a time and book it, look at your bookings and cancel them. How can I help?

               Choose a service:
               [Haircut — 1 h, 1500 ₽]
               [Manicure — 1 h 30 min, 2000 ₽]
               [Consultation — 30 min]
        anna > [Haircut — 1 h, 1500 ₽]
        bot  ~ 👀 This is what your customer sees. It is an example: press the buttons, nothing is booked.

               ——————

               Haircut — 1 h, 1500 ₽

               Choose a day:
               [Tue, 24 November]
               [Wed, 25 November]
               [Thu, 26 November]
               [Fri, 27 November]
               [Sat, 28 November]
               [💼 Another service]
        anna > [Wed, 25 November]
        bot  ~ 👀 This is what your customer sees. It is an example: press the buttons, nothing is booked.

               ——————

               Haircut — 1 h, 1500 ₽
               Wednesday, 25 November

               Choose a time:
               [10:00] [12:00] [14:00] [17:00]
               [📅 Another day]
        anna > [12:00]
        bot  ~ 👀 This is what your customer sees. It is an example: press the buttons, nothing is booked.

               ——————

               ✅ You are booked!

               Service: Haircut
               When: Wednesday, 25 November, 12:00
               Length: 1 h
               Price: 1500 ₽

               You can cancel up to 24 hours before the visit.

               ——————

               ⏰ The customer is reminded the day before and two hours before, by itself.
               [▶️ What you will see]
        anna > [▶️ What you will see]
        bot  ~ 👀 And this comes to you, the owner, at once:

               ——————

               🆕 A new booking

               Service: Haircut
               When: Wednesday, 25 November, 12:00
               Length: 1 h
               Price: 1500 ₽
               Customer: Maria

               ——————

               📆 Bookings for today and later, services with prices, and opening hours are in the menu of the same bot.
               [🎁 Try for free]
               [💳 Buy a subscription]
               [🔁 From the beginning]
        anna > ❓ Questions and answers
        bot  > ❓ Questions and answers

               🔹 How many bookings can I take?
               As many as you like.

               🔹 Do I have to program?
               No. All you need is a bot from @BotFather; we show you how to make one.

               🔹 Can I try it?
               Yes, 7 days for free and without a card: 🎁 Try for free.

               🔹 What if I have no bot yet?
               Pay now and connect it later: the time begins when you do.

               🔹 When does the bot work?
               Usually a minute after the payment. We will write to you.

               🔹 How do I pay?
               On YooKassa's page, in whichever of the ways shown there suits you.

               🔹 How do I renew?
               At any time: 🤖 My bots. The days left are not lost.

               🔹 What if I do not renew?
               The bot works for another 3 days, then tells customers that it is paused. The data is kept for 90 days and then moves to the archive. A payment brings the bot back with it.

               🔹 Can I have my money back?
               Write to support: a person decides, and money goes back the way it came.

               🔹 What about my data?
               /privacy
        anna > 📞 Contact support
        bot  > 📞 Support: @slotbox_help

               Write what has happened, and the number of the order if there is one.
        anna > /privacy
        bot  > 🔐 What data is kept here

               🔹 About you
               The number of your Telegram account, the name of the business, orders and payments, and the e-mail address for the receipt if you gave one. We do not see card data: you pay on YooKassa's page.

               🔹 About your bot
               The token is kept encrypted; the message with it is deleted from the chat. Services, hours and bookings lie in a database of your bot alone.

               🔹 About your customers
               The number of the Telegram account, the name and the bookings, in that same database. They serve booking and reminders only; other owners do not see them.

               🔹 For how long
               As long as the bot works and 90 days after it stopped; then the database and the token move to the archive, and a payment brings them back. Support deletes everything for ever if you ask. Orders and payments stay: the books need them.

               📞 Support: @slotbox_help

               Write what has happened, and the number of the order if there is one.
        anna > /help
        bot  > ℹ️ Here you can see, try, buy and renew a booking bot.

               /start — Start over
               /tour — See how a bot works
               /buy — Plans and purchase
               /try — Try for free
               /bots — My bots: time left, renewal, payments
               /faq — Questions and answers
               /support — Contact support
               /privacy — What data is kept
               /cancel — Stop what was begun
               /help — What this bot can do
        anna > /cancel
        bot  > There is nothing to cancel. Choose from the menu 👇
        anna > hello
        bot  > 🤔 I do not understand this message. Choose from the menu 👇
    "]])
        .await;
}
