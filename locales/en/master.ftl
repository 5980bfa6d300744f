### The Master Bot: what operators read.

## The menu and common buttons

master-button-add-client = ➕ Add a client
master-button-take-payment = 💰 Take a payment
master-button-clients = 👥 Clients
master-button-orders = 🧾 Orders and payments
master-button-queue = ⚙️ Queue
master-button-stats = 📊 Figures
master-button-backups = 💾 Backups
master-button-help = ❓ Help
master-button-confirm = ✅ Confirm
master-button-cancel = ❌ Cancel
master-button-back = ⬅️ To the list
master-button-older = ➡️ Older
master-button-newer = ⬅️ Newer
master-button-search = 🔍 Find
master-button-back-to-client = ⬅️ To the client
master-command-start = the beginning and the menu
master-command-clients = clients
master-command-find = find a client
master-command-orders = orders and payments
master-command-queue = the queue of tasks
master-command-stats = figures
master-command-audit = who did what
master-command-backups = backups of the host
master-command-broadcast = news to all owners
master-command-cancel = leave the dialogue
master-command-help = help

master-denied = ⛔ You have no access to this bot. Your Telegram id: { $person }. If you are an operator, put it into telegram.operators, or ask for a link: slotbox operators link.
master-link-welcome = ✅ You are an operator now. The menu: /start
master-link-expired = ⌛ This link is no longer valid: it lived for 15 minutes. A new one: slotbox operators link, on the host.
master-link-used = ⛔ Somebody has followed this link already. If it was not you or a colleague: slotbox operators list, on the host.
master-link-unknown = ⛔ There is no such link. A new one: slotbox operators link, on the host.
master-link-too-often = ⛔ Too many wrong links. Ask for a new one: slotbox operators link, on the host.
master-cancelled = ❌ Cancelled.
master-nothing-to-cancel = There is nothing to cancel.
master-apology = 😔 This did not work. The host's journal says why.
master-stale = This button no longer does anything.
master-unknown = 🤔 I do not understand this message. Commands: /help
master-text-only = ✍️ Please answer in text. To leave: /cancel
master-press-a-button = 👆 Press a button under the message above. To leave: /cancel
master-cancel-hint = To leave: /cancel

master-start =
    👋 Hello, { $name }!

    This is the Master Bot. Here you can:
    • add clients and start their bots
    • take payments and extend subscriptions
    • decide about payments that wait for a person
    • see how the clients and the queue are

    { master-queue-state }
master-help =
    ❓ Help

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

    { master-button-add-client }
    1. The bot's token from @BotFather
    2. The owner: an id, a contact or a forwarded message
    3. The name of the business
    4. For how long
    The bot starts through the queue; the same message shows how it goes.

    { master-button-take-payment }
    1. Find the client
    2. For how long
    3. How much
    The subscription is extended by exactly that long.

    { master-button-clients }
    A client's card: payment, gift of days, pause, restart, new token, name, owner, payments, log, cancellation, removal. The last act can be taken back with “↩️” for a day; a removal cannot.

    { master-button-orders }
    Payments that wait for a decision: give the money back, grant the time, or close. What is paid for and does not run. Open orders.

## The queue

master-queue-state =
    ✅ The queue works
    📋 Tasks in line: { $queued }
master-queue-running = ⚙️ Running: { $running }
master-queue-waiting = ⏳ Waiting for their time or another try: { $waiting }
master-queue-dead = ⚠️ Given up: { $dead }
master-queue-idle = 💡 All tasks are done.
master-queue-busy = 💡 Tasks are done in turn.
master-button-jobs-dead = ⚠️ Given up: { $count }
master-button-jobs-waiting = ⏳ Waiting: { $count }
master-button-jobs-running = ⚙️ Running: { $count }
master-button-jobs-queued = 📋 In line: { $count }
master-jobs-dead = ⚠️ Given up after all attempts
master-jobs-waiting = ⏳ Waiting for their time or another try
master-jobs-running = ⚙️ Running now
master-jobs-queued = 📋 In line
master-jobs-none = Nothing here.
master-jobs-more = … and { $count } more
master-job-line = • { $job } — { $kind }
master-job-line-of = • { $job } — { $kind }, { $company }
master-job-attempts = { "  " }attempt { $attempt } of { $of }, made { $created }
master-job-next = { "  " }next attempt { $at }
master-job-error = { "  " }why: { $why }
master-button-back-up = 💾 Make one now
master-button-backups-refresh = 🔄 Look again
master-backups =
    💾 Backups

    They go to { $place }; the newest { $keep } are kept.
    As of { $at }:
master-backups-none = There is none yet.
master-backups-last = ✅ The last is of { $at }: { $size } MiB, { $clients } { $clients ->
        [one] client
       *[other] clients
    }.
master-backups-carried = ⚠️ { $count ->
        [one] One client has sent no copy
       *[other] { $count } clients have sent no copy
    }: an earlier one was taken over, the oldest of { $oldest }.
master-backups-missing = ⚠️ There is no copy of { $count } { $count ->
        [one] client
       *[other] clients
    }.
master-backups-under-way = ⏳ One is being made.
master-backups-trouble =
    ❌ None can be made: { $why }

    What helps: { $cure }
master-job-kind = { $kind ->
    [request_payment] link to pay
    [settle_payment] check of a payment
    [refund] refund
    [reconcile] check of the orders
    [sweep_refunds] search for refunds
    [deploy_client] start of a bot
    [restart_client] restart of a bot
    [remove_client] removal of a client
    [lifecycle] ends of subscriptions
    [notify] notice
    [show_progress] progress of a start
    [digest] morning report
    [back_up_host] backup of the host
    [back_up_client] backup of a client
    [forget_token] forget an unused token
    [watch] watch
   *[other] { $kind }
}
master-why = { $why ->
    [not-healthy] the bot did not report in time that it works
    [not-started] the bot's process did not start
    [no-shop] no shop is set: yookassa.shop_id and yookassa.secret_key
    [key-refused] YooKassa does not accept the shop's key
    [no-provider] YooKassa did not answer
    [no-telegram] Telegram did not answer
    [token] the bot's token is not accepted
    [too-long] the task took too long
    [panic] a fault in the program; the host's journal says more
    [process-ended] the host was stopped in the middle of the task
   *[other] { $error }
}
master-button-retry = 🔄 Try { $job } again
master-button-retry-all = 🔄 Try all again
master-button-drop = 🗑 Drop { $job }
master-button-to-queue = ⬅️ To the queue
master-job-retried = 🔄 Task { $job } is in line again.
master-jobs-retried = { $count ->
    [one] 🔄 { $count } task is in line again.
   *[other] 🔄 { $count } tasks are in line again.
}
master-job-dropped = 🗑 Task { $job } is dropped: it will not be tried again.
master-job-gone = This task is no longer among those given up.

## Figures

master-stats =
    📊 Figures at { $at }

    👥 Clients: { $total }
    🎁 On trial: { $trial }
    ✅ Active: { $active }
    ⏳ In grace: { $grace }
    ⏸ Suspended: { $suspended }
    ⛔ Cancelled: { $cancelled }
    📦 Archived: { $archived }

    🤖 Bots that run: { $running }
    ⚠️ Bots with a problem: { $ill }
    { $capacity ->
        [unknown] 🖥 How many more bots fit in: unknown
       *[known] 🖥 There is memory for about so many more bots: { $capacity }
    }

    💰 Taken in 30 days: { $month } (RUB, payments: { $month_count })
    💵 Taken today: { $today } (RUB, payments: { $today_count })
    ↩️ Given back in 30 days: { $given_back }

    🕓 Open orders: { $orders }
    ⚠️ Payments that wait for a decision: { $held }
    🎁 Trials: { $trials }, of which have paid: { $converted }
    ⚙️ Tasks: in line { $queued }, waiting { $waiting }, given up { $dead }

## Clients

master-no-clients = 👥 There are no clients yet. Add the first one: “➕ Add a client”.
master-clients =
    👥 Clients: { $total }

    Choose a client 👇
master-ask-search =
    🔍 Who is it? A part of the name, the bot, the owner's id or the client's id.

    { master-cancel-hint }
master-found-none = 🔍 Nobody found. Try another way.
master-found = 🔍 Found: { $count }. Choose a client.
master-found-more = 🔍 Found: { $count }, shown: { $shown }. Choose a client or say more.
master-client-gone = There is no such client any more.
master-client-button = { $mark } { $company } — until { $until }
master-client-button-plain = { $mark } { $company }
master-card =
    🏢 { $company }
    🤖 @{ $bot }
    📌 { $standing }
master-card-runtime = ⚙️ Process: { $state ->
    [none] not started
    [starting] starting
    [running] running
    [stopped] stopped
   *[failed] did not start: press “🔁 Restart”
}
master-card-report = 💓 Last sign of life: { $seconds } s ago
master-card-update = 💬 Last message handled: { $at }
master-card-given-up = ⚠️ Messages it could not handle: { $count }. See “🖥 Output”
master-card-problem = ⚠️ { $problem ->
    [token-revoked] The token was revoked. Take a new one from @BotFather or the owner: “🔑 New token”
    [conflict] Another program reads the bot: the owner must stop it or make a new token
   *[owner-unreachable] The bot cannot write to its owner, who must open it and press “Start”
}
master-card-plan = 💳 Plan: { $plan }
master-card-owner = 👤 Owner: { $owner } (tg://user?id={ $owner })
master-card-payments = 🧾 Payments: { $count }, received { $sum }
master-card-added = 📅 Added: { $at }
master-card-id = 🆔 { $client }
master-standing-trial = Trial until { $until } ({ $left } left)
master-standing-active = Active until { $until } ({ $left } left)
master-standing-grace = Grace, the paid time ended { $until }
master-standing-expired = Suspended since { $since }: not paid
master-standing-paused = Suspended by an operator since { $since }, paid until { $until }
master-standing-cancelled = Cancelled since { $since }
master-standing-archived = Archived since { $since }

master-button-pay = 💰 Take a payment
master-button-give = 🎁 Give days
master-button-suspend = ⏸ Suspend
master-button-resume = ▶️ Resume
master-button-restart = 🔁 Restart
master-button-token = 🔑 New token
master-button-rename = ✏️ Name
master-button-owner = 👤 Owner
master-button-payments = 🧾 Payments
master-button-log = 📜 Log
master-button-output = 🖥 Output
master-button-refresh = 🔄 Refresh
master-button-cancel-client = 🚫 Cancel the service
master-button-remove = 🗑 Remove
master-button-undo = ↩️ Undo: { $act }
master-act = { $act ->
    [suspended] suspension
    [resumed] resumption
    [given] gift
    [cancelled] cancellation
   *[changed] change of data
}
master-suspended = ⏸ Suspended
master-resumed = ▶️ Resumed
master-restarting = 🔁 Restarting
master-given = 🎁 Given: { $length }
master-client-cancelled = 🚫 Cancelled: the bot is stopped, the data is kept
master-client-changed = ✏️ Saved
master-token-changed = 🔑 The token is changed: @{ $bot }
master-undone = ↩️ Undone: all is as it was
master-undo-changed = ↩️ This cannot be undone: the client has changed since.
master-undo-too-late = ↩️ There is nothing to undo any more: a day has passed, or it was undone before.
master-payment-needed = No paid time is left: take a payment or give days first.
master-nothing-to-run = This client has nothing to run: the subscription is cancelled.
master-still-serves = Suspend the client first.
master-ask-gift =
    🎁 { $company }: how many days? No money is recorded, and the owner hears of the new end.

    { master-cancel-hint }
master-ask-name =
    ✏️ Now: { $company }
    What is the business called?

    { master-cancel-hint }
master-ask-new-owner =
    👤 The owner is { $owner }. Who is it now? An id, a contact or a message forwarded from them.

    { master-cancel-hint }
master-ask-new-token =
    🔑 Send the new token of @{ $bot } from @BotFather. It must be the same bot.

    { master-cancel-hint }
master-token-of-another =
    ⚠️ This is another bot's token. The token of @{ $bot } is needed.

    { master-cancel-hint }
master-confirm-cancel =
    🚫 Cancel this client's service?

    🏢 { $company }
    🤖 @{ $bot }

    The bot will stop answering. Bookings and settings are kept; a payment or the “↩️” button brings everything back.
master-button-cancel-now = 🚫 Yes, cancel
master-confirm-remove =
    🗑 Remove the client?

    🏢 { $company }
    🤖 @{ $bot }

    The bot stops, and its bookings and settings are deleted. Payments and the log stay.
    If the bot is only in the way, suspend it: the data is kept.
master-button-remove-on = 🗑 Remove it all the same
master-button-suspend-instead = ⏸ Suspend it instead
master-confirm-remove-for-good = ❗️ Remove { QUOTED($company) } for ever? This cannot be undone. What is lost:
master-loss-bookings = • visits still to come: { $count }
master-loss-bookings-unknown = • all bookings of its customers
master-loss-settings = • services, hours and settings of @{ $bot }
master-loss-time = • paid time until { $until } ({ $left })
master-loss-token = • the bot's token: to bring it back, a new one is needed
master-button-remove-now = 🗑 Yes, remove for ever
master-button-keep = ⬅️ Keep it
master-removing = 🗑 Being removed: { $company }

## A client's past

master-payments =
    🧾 Payments: { $company }
    { $count } in all, page { $page } of { $pages }
master-payments-none = 🧾 { $company }: no payments yet.
master-payment-line = • { $at } — { $amount }, { $length }, { $source ->
    [yookassa] YooKassa
   *[manual] by hand
}{ $state ->
    [settled] { "" }
    [refunded] { "" }, given back
    [attention] { "" }, waits for a decision
   *[dismissed] { "" }, closed without a grant
}
master-payment-back = { "  " }given back { $amount }
master-payment-id = { "  " }{ $payment }
master-log = 📜 Log: { $company }
master-output = 🖥 What @{ $bot } wrote last, { $at }
master-output-none = 🖥 @{ $bot } has written nothing, { $at }
master-output-soon = A moment, please: it was shown just now
master-output-unread = 🖥 What the bot wrote cannot be read just now. The reason is in the journal: journalctl -u slotbox SLOTBOX_EVENT=client.log_unread
master-audit = 📜 Who did what
master-log-none = 📜 The log is empty.
master-log-line = • { $at } — { $action }
master-log-by = { "  " }{ $actor ->
    [operator] operator
    [owner] owner
    [api] API
   *[slotbox] the host itself
} { $who }
master-log-detail = { "  " }{ $detail }
master-log-action = { $action ->
    [client-added] client added
    [client-extended] payment taken
    [news-sent] news to owners
    [client-given] days given
    [client-suspended] suspended
    [client-resumed] resumed
    [client-restarted] restarted
    [client-cancelled] cancelled
    [client-removed] removed
    [client-changed] data changed
    [client-undone] act undone
    [client-token_changed] token changed
    [payment-refund_asked] refund asked for
    [payment-granted] time granted
    [payment-dismissed] payment closed
    [payment-reopened] payment waits again
   *[other] { $name }
}

## A new client

master-ask-token =
    ➕ A new client, step 1 of 4

    🔑 Send the bot's token from @BotFather.

    { master-cancel-hint }
master-bad-token =
    ⚠️ This does not look like a token: digits, a colon and 35 more characters. Send it once more.

    { master-cancel-hint }
master-token-refused =
    ⚠️ Telegram does not accept this token. Send another one.

    { master-cancel-hint }
master-token-unchecked = ⏳ Telegram does not answer now, so the token is not checked. Send it again in a minute.
master-token-deleted = 🔒 The message with the token was deleted from the chat.
master-delete-token = 🔒 Please delete the message with the token from the chat.
master-bot-taken =
    ⚠️ Another client has this bot. Send the token of another bot.

    { master-cancel-hint }
master-check-later = ⏳ Telegram does not answer now, so the token is not checked. Press “Confirm” again in a minute.
master-ask-owner =
    ✅ Found the bot: @{ $bot }

    👤 Step 2 of 4. Who is the owner? A Telegram id, a contact or a message forwarded from them.

    { master-cancel-hint }
master-bad-owner =
    ⚠️ A Telegram id is a positive number, such as 123456789. The owner finds it at @userinfobot.

    { master-cancel-hint }
master-owner-hidden =
    ⚠️ This person hides behind forwarded messages. A Telegram id or a contact is needed.

    { master-cancel-hint }
master-owner-no-telegram =
    ⚠️ This contact has no Telegram id. An id or a forwarded message is needed.

    { master-cancel-hint }
master-ask-company =
    🏢 Step 3 of 4. What is the business called?

    { master-cancel-hint }
master-bad-company =
    ⚠️ A name has 1 to 64 characters on one line.

    { master-cancel-hint }
master-ask-days =
    📅 Step 4 of 4. For how many days? Choose, or write a number.

    { master-cancel-hint }
master-bad-days =
    ⚠️ A whole number of days from 1 to 3650 is needed.

    { master-cancel-hint }
master-confirm-client =
    📋 Please check

    🏢 Business: { $company }
    🤖 Bot: @{ $bot }
    👤 Owner: { $owner }
    📅 For: { $length }

    Add the client?
master-client-added =
    ✅ The task is made!

    🏢 Business: { $company }
    🆔 Task: { $job }
    📋 Place in line: { $position }

    ⏳ A start usually takes a minute. A message will tell how it went.
master-progress =
    🏢 { $company }
    🤖 @{ $bot }
    { $stage ->
        [queued] 📋 In line: { $job }
        [starting] ⚙️ Starting, attempt { $attempt } of { $of }
        [retry] ⏳ Attempt { $attempt } of { $of } failed, another one follows
        [running] ✅ Running
       *[failed] ❌ Did not start
    }
master-progress-why = ⚠️ Why: { $why }
master-button-again = 🔄 Start again
master-button-card = 👤 The client's card

## Taking a payment

master-ask-payer =
    💰 Taking a payment

    🔍 Write a part of the business's name, the bot's name or the client's id.

    { master-cancel-hint }
master-ask-paid-days =
    { master-card }

    📅 For how many days? Choose, or write a number.

    { master-cancel-hint }
master-ask-amount =
    💰 Payment for { $length }. How much was received, in roubles?

    { master-cancel-hint }
master-bad-amount =
    ⚠️ An amount is roubles above zero, such as 299 or 299.50.

    { master-cancel-hint }
master-confirm-payment =
    📋 Please check the payment

    🏢 Business: { $company }
    📅 For: { $length }
    💰 Amount: { $amount }
    ⏰ The subscription will last until { $until }

    Record it?
master-payment-recorded =
    ✅ Payment taken: { $amount }

    🏢 { $company }
    ⏰ Subscription until { $until }

## Orders and payments

master-orders = 🧾 Orders and payments
master-button-held = ⚠️ Wait for a decision: { $count }
master-button-undelivered = 📦 Paid for, not running: { $count }
master-button-open-orders = 🕓 Open orders: { $count }
master-button-to-orders = ⬅️ To the orders
master-held = ⚠️ Payments that wait for your decision: { $count }
master-held-none = ✅ No payment waits for a decision.
master-held-button = { $at } — { $amount }: { $why }
master-held-one =
    ⚠️ A payment waits for a decision: { $why }.

    💵 Amount: { $amount }
    📅 When: { $at }
    💳 Payment: { $payment }
master-held-order =
    🧾 Order: { $order }
    📦 Plan: { $plan } ({ $length }, { $price })
    🏢 { $company }
    👤 Buyer: { $buyer }
master-attention = { $why ->
    [paid-twice] the order was paid a second time
    [paid-after-closing] an order was paid that is closed
    [amount-differs] the amount is not the order's
    [shop-differs] it went to another shop or mode
    [bot-taken] the bot belongs to another client already
   *[client-gone] the client that was paid for is gone
}
master-button-refund = ↩️ Give the money back
master-button-grant = ✅ Grant { $length }
master-button-grant-other = 👤 Grant to another client
master-button-dismiss = 🗂 Close without a grant
master-no-payment = There is no such payment.
master-decided = This payment has been decided about already.
master-being-refunded = The money of this payment is on its way back.
master-ask-grantee =
    👤 Who gets { $length }? A part of the name, the bot, the owner's id or the client's id.

    { master-cancel-hint }
master-confirm-grant =
    ✅ Grant the time?

    💵 Payment: { $amount }
    🏢 { $company }
    🤖 @{ $bot }
    📅 For: { $length }
    ⏰ The subscription will last until { $until }

    The money stays with us.
master-confirm-grant-ahead =
    ✅ Grant the time?

    💵 Payment: { $amount }
    📅 For: { $length }
    🤖 The buyer has no bot yet: the days wait until it is brought.

    The money stays with us.
master-granted-ahead = ✅ Granted: { $length }. The days wait until the buyer brings a bot, who is told so.
master-granted =
    ✅ Granted: { $length }

    🏢 { $company }
    ⏰ Subscription until { $until }
master-ask-note =
    🗂 Close the payment of { $amount } without a grant? No time is granted, and the money stays in the shop.

    Write why, on one line: it goes into the log.

    { master-cancel-hint }
master-button-dismiss-plain = 🗂 Close without a note
master-dismissed =
    🗂 Closed without a grant: { $amount }
    💳 { $payment }
master-button-reopen = ↩️ Decide again
master-confirm-refund =
    💸 Give the money back?

    💰 { $amount }
    💳 { $payment }

    YooKassa gives it back the way it came.
master-button-refund-now = 💸 Yes, give it back
master-refunding =
    💸 A refund of { $amount } is on its way. We will tell how it ends.

    💳 { $payment }
master-nothing-left = There is nothing to give back: it was given back, or is on its way.
master-taken-by-hand = This payment was taken by hand, and so it is given back by hand.
master-refund-needs-receipt = The shop gives receipts: make the refund in YooKassa's cabinet, and we will see it.
master-undelivered = 📦 Paid for, but the bot does not run: { $count }
master-undelivered-none = ✅ All bots that are paid for run.
master-without-bot = 🤖 Paid for, waiting for the owner's bot: { $count }
master-without-bot-line = • { $at } — { $company }, buyer { $buyer }
master-open-orders = 🕓 Open orders: { $count }
master-open-orders-none = 🕓 There are no open orders.
master-order-line = • { $at } — { $what ->
    [new] a new bot
   *[extension] a renewal
}, { $company }
master-order-detail = { "  " }{ $plan }, { $amount }, { $link ->
    [yes] the link is out
   *[no] no link yet
}, until { $until }

## News

master-ask-news =
    📣 What shall owners be told? Recipients: { $count }; whoever wants no news is not counted.

    Write about the service: breaks, new features, prices. Advertising may be sent only to those who have agreed to get it.

    To leave: /cancel
master-news-nobody = 📣 There is nobody to tell: no owner of a working bot wants news right now.
master-bad-news =
    ⚠️ News are a text of 1 to { $most } characters. Please try again.

    To leave: /cancel
master-confirm-news =
    📣 Recipients: { $count }. It will look like this:

    ——————

    { $text }

    ——————

    Send it? It cannot be taken back.
master-news-sent = 📣 The news go out to { $count } owners
