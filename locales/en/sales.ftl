### The Sales Bot.

## The menu

sales-menu-buy = 💳 Buy a subscription
sales-menu-try = 🎁 Try for free
sales-menu-tour = 👀 See a bot
sales-menu-bots = 🤖 My bots
sales-menu-questions = ❓ Questions and answers
sales-menu-support = 📞 Contact support

## The commands

sales-command-start = Start over
sales-command-tour = See how a bot works
sales-command-buy = Plans and purchase
sales-command-try = Try for free
sales-command-bots = My bots: time left, renewal, payments
sales-command-faq = Questions and answers
sales-command-support = Contact support
sales-command-privacy = What data is kept
sales-command-cancel = Stop what was begun
sales-command-help = What this bot can do

## The talk

sales-pitch =
    👋 Hello, { $name }!

    🤖 A booking bot in Telegram for your business:

    ✅ Customers book by themselves, day and night
    ✅ Reminders of visits go out by themselves
    ✅ Services, hours and bookings are right in the bot
    ✅ No programming

    💰 From { $price } for { $length }
    ⚡ It starts right after the payment
sales-pitch-trial = 🎁 The first { $length } are free
sales-choose = Choose what to do 👇
sales-help =
    ℹ️ Here you can see, try, buy and renew a booking bot.

    { $commands }
sales-help-line = /{ $command } — { $about }
sales-cancelled = ❌ Cancelled. Choose from the menu 👇
sales-nothing-to-cancel = There is nothing to cancel. Choose from the menu 👇
sales-apology = 😔 That did not work. Please try again a little later.
sales-stale = This button no longer works. Open the menu: /start
sales-unknown = 🤔 I do not understand this message. Choose from the menu 👇
sales-text-only = ✍️ Please send the answer as text. To cancel: /cancel
sales-support =
    📞 Support: { $name }

    Write what has happened, and the number of the order if there is one.
sales-support-unknown = 📞 Write to whoever gave you the link to this bot: they will help.

## Plans

sales-plans = 💎 Plans
sales-plan = ⭐ { $plan } — { $price } for { $length }
sales-plan-day = { "   " }{ $price } a day
sales-plan-day-saving = { "   " }{ $price } a day, you save { $saving }
sales-plans-end = Every plan has everything the bot can do. Choose how long 👇
sales-button-plan = { $length } — { $price }
sales-plan-gone = This plan is no longer sold. Here is what there is now:
sales-no-shop = 😔 Payments cannot be taken right now. Write to support, and we will help.

## A new bot

sales-chosen = You have chosen: { sales-plan }
sales-ask-company =
    📝 Step { $step } of { $steps }. What is your business called? Customers will see this name.

    To cancel: /cancel
sales-bad-company =
    ⚠️ A name has 1 to 64 characters on one line. Please try again.

    To cancel: /cancel
sales-ask-email =
    📧 Step { $step } of { $steps }. Send the e-mail address that the receipt shall go to.

    To cancel: /cancel
sales-ask-email-again =
    📧 Send the e-mail address that the receipt shall go to.

    To cancel: /cancel
sales-bad-email =
    ⚠️ This does not look like an e-mail address. For example: anna@example.com

    To cancel: /cancel
sales-ask-token =
    🏢 { $company }

    🔑 Step { $step } of { $steps }. Send your bot's token:

    { sales-token-steps }

    The bot must be new, or not used by any other program.

    To cancel: /cancel
sales-token-steps =
    1. Open @BotFather and send /newbot
    2. Give the bot a name: customers will see it
    3. Give it an address that ends in “bot”
    4. Copy the token from the answer and send it here
sales-button-later = ⏳ I will connect a bot after paying
sales-too-many-bots = One owner can have at most { $count } bots, those on order included. If you need more, write to support.
sales-too-many-orders = { $count } orders wait for payment already. Pay for them, or wait an hour until they close: 🤖 My bots.

## The token

sales-bad-token =
    ⚠️ This does not look like a token. It looks like this: digits, a colon and 35 more characters. Copy all of it from @BotFather's message.

    To cancel: /cancel
sales-token-refused =
    ⚠️ Telegram does not accept this token. It may have been replaced. Open @BotFather → /mybots → API Token and send the new one.

    To cancel: /cancel
sales-token-unchecked = ⏳ Telegram does not answer right now, so the token could not be checked. Send it again in a minute.
sales-token-of-host =
    ⚠️ This is the token of one of our own bots. Send the token of yours.

    To cancel: /cancel
sales-bot-taken =
    ⚠️ This bot is connected for another client. Send the token of another bot.

    To cancel: /cancel
sales-bot-is-yours =
    ⚠️ You have connected @{ $bot } already. To renew it: 🤖 My bots. A new business needs another bot: send its token.

    To cancel: /cancel
sales-bot-elsewhere = ℹ️ @{ $bot } is connected to { $host } now. Once it works here, messages stop going there.
sales-token-deleted = 🔒 The message with the token is deleted from the chat.
sales-delete-token = 🔒 Please delete the message with the token from the chat: a token is the key to your bot.
sales-token-unasked = No token is needed right now. To change your bot's token: 🤖 My bots. To connect a new one: 💳 Buy a subscription.

## The trial

sales-trial = 🎁 Trial: { $length } for free, with no payment and no card.
sales-trial-begun =
    🎉 The trial has begun!

    🤖 @{ $bot } is starting; it usually takes a minute, and we will tell you when it is ready.
    📅 Free until { $until }

    Meanwhile open @{ $bot } and press “Start”: you are its administrator.
sales-no-trial = There is no trial at the moment. See the plans: 💳 Buy a subscription.
sales-trial-used = 🎁 A trial is given once, and you have had yours. See the plans: 💳 Buy a subscription.
sales-trial-used-by-bot =
    🎁 This bot has had its trial. Send the token of another bot.

    To cancel: /cancel

## The order

sales-order =
    💳 The order is ready

    { $what ->
        [new] 🏢 { $company }, new bot @{ $bot }
        [later] 🏢 { $company }, new bot; connect it after paying, and the time begins then
       *[extension] 🔄 { $company }, renewal of the bot @{ $bot }
    }
    📋 Plan: { $plan }, { $length }
    💰 To pay: { $amount }
    ⏰ Pay until { $until }
    🆔 { $order }

    Press “Pay”: YooKassa's page opens. After the payment everything happens by itself, and a message comes here.
sales-order-no-link =
    ⏳ The order is taken, and the link to pay is still on its way: the payment service is slow to answer. We will send it here.

    🆔 { $order }
sales-order-state =
    { $state ->
        [open] ⏳ The payment has not come yet. If you have just paid, wait a minute and check again.
        [paid] ✅ Payment received! The time is added: 🤖 My bots.
        [waits] ✅ Payment received! The days wait for your bot and begin when you connect it.
        [canceled] ❌ The payment failed; no money was taken. One button orders the same again.
        [expired] ⌛ The time to pay is over; no money was taken. One button orders the same again.
        [twice] ✅ Payment received, but the order had been paid before. We will give the money back or add time, and write to you.
       *[held] 🔎 The money is here, and a person is looking into this order. We will write to you.
    }

    🆔 { $order }
sales-order-help = Support: { $name }
sales-no-order = You have no such order. Choose from the menu 👇
sales-again-taken = ✅ The bot of this order is connected already: 🤖 My bots.
sales-button-pay = 💳 Pay
sales-button-check = 🔄 Check the payment
sales-button-again = 🔁 Order again
sales-button-connect = 🔌 Connect the bot

## Connecting a bot after the payment

sales-ask-token-to-connect =
    🔌 Let us connect a bot for { QUOTED($company) }. Send its token:

    { sales-token-steps }

    The paid time begins when the bot is connected.

    To cancel: /cancel
sales-connected =
    🎉 The bot @{ $bot } is connected!

    🤖 It is starting; it usually takes a minute, and we will tell you when it is ready.
    📅 Paid until { $until }

    Meanwhile open @{ $bot } and press “Start”: you are its administrator.
sales-connected-before = ✅ This order has its bot already: 🤖 My bots.
sales-nothing-waits = No paid days of this order wait for a bot. To see how things stand: 🤖 My bots.

## My bots

sales-no-bots =
    🤖 You have no bots yet.

    See how it works, or choose a plan 👇
sales-bots = 🤖 Your bots
sales-bots-line =
    { $mark } { $company }
    { "    " }@{ $bot } · { $standing }
sales-bots-waits =
    🔌 { $company }
    { "    " }{ $length } paid for, no bot connected yet
sales-bots-order =
    🧾 { $company }
    { "    " }order of { $amount }, pay until { $until }
sales-button-bot = ⚙️ { $company }
sales-button-connect-of = 🔌 Connect: { $company }
sales-button-order = 🧾 Pay { $amount }: { $company }
sales-short =
    { $state ->
        [trial] trial until { $until }
        [active] paid until { $until }
        [grace] paid time ended { $until }
        [suspended] paused
        [cancelled] switched off
       *[archived] in the archive
    }
sales-card =
    🏢 { $company }
    🤖 @{ $bot }
    { $standing }
sales-standing =
    { $state ->
        [trial] 🎁 Trial until { $until } ({ $left } left)
        [active] ✅ Paid until { $until } ({ $left } left)
        [grace] ⚠️ The paid time ended on { $until }. The bot still works: renew it, and customers will notice nothing
        [suspended] ⏸ Paused since { $since }: the time is over. The data is kept, and a payment brings the bot back at once
        [paused] ⏸ Paused by the operator on { $since }. The data is kept; support can tell you why
        [cancelled] ⛔ Switched off on { $since }. The data is kept for now, and a payment brings the bot back
       *[archived] 📦 In the archive since { $since }. A payment brings the bot back with all its bookings
    }
sales-card-problem =
    { $problem ->
        [token-revoked] ⚠️ Telegram does not accept the bot's token: it was replaced, or the bot deleted. Send the new token, and the bot works again at once.
        [conflict] ⚠️ Another program reads the bot's messages, and bookings can get lost. Stop it, or make a new token in @BotFather (API Token → Revoke) and send it.
        [owner-unreachable] ⚠️ The bot cannot write to you. Open it and press “Start”.
        [starting] ⏳ It is starting; this takes a minute.
       *[failed] ⚠️ It could not be started. We are looking into it and will write; the paid time is not lost.
    }
sales-card-plan = 📋 Plan: { $plan }
sales-card-payments = 🧾 Payments: { $count }, { $sum } in all
sales-button-renew = 🔄 Renew
sales-button-payments = 🧾 Payments
sales-button-token = 🔑 Change the token
sales-button-open = 🤖 Open the bot
sales-button-bots = ‹ All bots
sales-button-back = ‹ Back
sales-button-newer = ◀️ Newer
sales-button-older = Older ▶️
sales-not-yours = You have no such bot: 🤖 My bots.
sales-renew =
    🔄 Renewal

    { $card }

    The paid time is added to what is left. Choose how long 👇
sales-payments =
    🧾 Payments: { $company }

    { $lines }
sales-payments-none =
    🧾 Payments: { $company }

    There were none yet.
sales-payment =
    { $at } · { $amount } · { $length }{ $state ->
        [settled] { "" }
        [part] { " " }· { $refunded } given back
        [dismissed] { " " }· no time granted
        [refunded] { " " }· money given back
       *[held] { " " }· being looked into
    }

## A change of token

sales-ask-new-token =
    🔑 Send the new token of the bot @{ $bot }.

    Open @BotFather → /mybots → @{ $bot } → API Token and copy it.

    To cancel: /cancel
sales-token-of-another =
    ⚠️ This is the token of the bot @{ $brought }, and @{ $known } is the one connected here.

    Send the token of @{ $known }. If you want to move to another bot, press the button: services, hours and bookings stay, and customers need a new link.
sales-button-another = 🔁 Move to another bot
sales-ask-another-token =
    🔁 Send the token of the bot that takes the place of @{ $bot }. Services, hours and bookings stay.

    To cancel: /cancel
sales-token-changed = ✅ The token is good, and the bot @{ $bot } works with it.
sales-token-changed-restart = ✅ The token is good. The bot @{ $bot } is starting; it usually takes a minute, and we will tell you when it is ready.

## The tour

sales-tour =
    👀 This is what your customer sees. It is an example: press the buttons, nothing is booked.

    ——————

    { $text }
sales-tour-company = Sample Salon
sales-tour-service =
    { $number ->
        [0] Haircut
        [1] Manicure
       *[2] Consultation
    }
sales-tour-booked =
    { $text }

    ——————

    ⏰ The customer is reminded the day before and two hours before, by itself.
sales-tour-button-owner = ▶️ What you will see
sales-tour-owner =
    👀 And this comes to you, the owner, at once:

    ——————

    { $text }

    ——————

    📆 Bookings for today and later, services with prices, and opening hours are in the menu of the same bot.
sales-tour-customer = Maria
sales-tour-button-again = 🔁 From the beginning

## Questions

sales-questions =
    ❓ Questions and answers

    🔹 How many bookings can I take?
    As many as you like.

    🔹 Do I have to program?
    No. All you need is a bot from @BotFather; we show you how to make one.

    🔹 Can I try it?
    { $trial ->
        [none] There is no trial at the moment.
       *[other] Yes, { $trial } for free and without a card: { sales-menu-try }.
    }

    🔹 What if I have no bot yet?
    Pay now and connect it later: the time begins when you do.

    🔹 When does the bot work?
    Usually a minute after the payment. We will write to you.

    🔹 How do I pay?
    On YooKassa's page, in whichever of the ways shown there suits you.

    🔹 How do I renew?
    At any time: { sales-menu-bots }. The days left are not lost.

    🔹 What if I do not renew?
    The bot { $grace ->
        [none] { "" }
       *[other] works for another { $grace }, then{ " " }
    }tells customers that it is paused. The data is kept for { $retention } and then moves to the archive. A payment brings the bot back with it.

    🔹 Can I have my money back?
    Write to support: a person decides, and money goes back the way it came.

    🔹 What about my data?
    /privacy
sales-privacy =
    🔐 What data is kept here

    🔹 About you
    The number of your Telegram account, the name of the business, orders and payments, and the e-mail address for the receipt if you gave one. We do not see card data: you pay on YooKassa's page.

    🔹 About your bot
    The token is kept encrypted; the message with it is deleted from the chat. Services, hours and bookings lie in a database of your bot alone.

    🔹 About your customers
    The number of the Telegram account, the name and the bookings, in that same database. They serve booking and reminders only; other owners do not see them.

    🔹 For how long
    As long as the bot works and { $retention } after it stopped; then the database and the token move to the archive, and a payment brings them back. Support deletes everything for ever if you ask. Orders and payments stay: the books need them.

    { $contact }

## News

sales-news-off = 🔕 No more news. We still write about your bots and payments.
sales-news-on = 🔔 News come again.
sales-button-news-on = 🔔 Send me news
sales-button-news-off = 🔕 Send me no news
