### The demo's page.

demo-title = Slotbox: a bot business in five minutes
demo-tag = demo
demo-lost = The demo does not answer. If it was stopped, start it again: slotbox demo
demo-ok = Got it

## People

demo-people = Whose phone to show
demo-operator-name = Ivan
demo-owner-name = Olga
demo-customer-name = Anna
demo-operator = operator
demo-owner = owns a salon
demo-customer = her customer
demo-chats = Chats
demo-no-chats = { $name } is waiting. As soon as Olga’s bot runs, its chat appears here.
demo-unread = unread: { $count }

## Chat

demo-talk = Talk with the bot { $bot }
demo-not-started = Nothing here yet. Press “Start” and the bot will answer.
demo-start = Start
demo-unblock = Unblock the bot
demo-typing = is typing…
demo-deleted = message deleted
demo-edited = edited
demo-sent = sent, not taken by the bot yet
demo-taken = the bot has it
demo-write = Message
demo-write-to = Message to the bot { $bot }
demo-send = Send
demo-commands = The bot’s commands
demo-keyboard = The bot’s keyboard
demo-father = makes a bot in the practice Telegram and sends its token right here.
demo-father-name = Name
demo-father-username = Address
demo-father-make = Make a bot and send its token
demo-first-bot = Olga’s Salon
demo-second-bot = Brow Studio
demo-third-bot = Smile Dental
demo-other-bot = My Business

## Clock

demo-day = { $day } { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
}
demo-long-day = { $weekday ->
    [1] Monday
    [2] Tuesday
    [3] Wednesday
    [4] Thursday
    [5] Friday
    [6] Saturday
   *[7] Sunday
}, { $day }
demo-clock-label = Move the clock of this world
demo-clock-hour = +1 hour
demo-clock-day = +1 day
demo-clock-month = +30 days
demo-clock-next = To the reminder
demo-clock-nothing = Nothing to remind of yet
demo-clock-visit = To the reminder of a visit: { $at }
demo-clock-warning = To the warning that a subscription ends: { $at }

## Five steps

demo-guide = What to try
demo-guide-done = (done)
demo-step-try = Buy a bot
demo-step-pay = Pay
demo-step-book = Book a visit
demo-step-clock = Move the clock
demo-step-break = Break something
demo-hint-start = You are Olga, who owns a salon. Press “Start” in her phone.
demo-hint-buy = Choose a plan in Olga’s chat and answer the bot’s questions.
demo-hint-token = The bot asks for a token. BotFather gives one: press the button below Olga’s chat.
demo-hint-pay = Press “Pay” in Olga’s chat and pay with a test card.
demo-hint-deploy = The bot is starting. In a couple of seconds Olga and Anna will have it.
demo-hint-customer = Now you are Anna, a customer of the salon. Press “Start” in her phone.
demo-hint-book = Book any free hour for Anna. Olga hears of it at once.
demo-hint-clock = Press “To the reminder” at the top: Anna is reminded of her visit.
demo-hint-break = Kill a bot’s process or stop YooKassa. Watch everything heal.
demo-hint-killed = The process is gone. Watch the list of clients: it comes back by itself.
demo-hint-mend = Put back what you broke and watch everything catch up.
demo-hint-over = All done. Look in on Ivan, or buy a second bot.

## Panel

demo-world = What is going on
demo-world-short = World
demo-clients = Clients
demo-no-clients = Nobody has bought anything yet.
demo-jobs = jobs: { $busy } at work, { $waiting } put off{ $dead ->
    [0] { "" }
   *[other] , { $dead } given up
}
demo-until = until { $date }
demo-runs = runs as process { $pid }
demo-healed = came back by itself: process { $was } → { $pid }
demo-down = the process has ended and is started again…
demo-starts = is starting…
demo-off = is not running
demo-kill = Kill
demo-kill-title = Send SIGKILL to the bot’s process
demo-state-trial = trial
demo-state-active = paid
demo-state-grace = days of grace
demo-state-suspended = suspended
demo-state-cancelled = cancelled
demo-state-archived = archived
demo-money = Money
demo-money-note = { $count ->
    [one] { $count } payment
   *[other] { $count } payments
}
demo-no-money = No payments yet.
demo-order-open = waits for payment
demo-order-canceled = canceled
demo-order-expired = expired
demo-attention = for the operator to decide
demo-settled = settled, { $days }
demo-refunded = refunded, { $days }
demo-by-hand = by hand
demo-faults = Faults
demo-faults-note = everything heals by itself
demo-telegram = Telegram
demo-telegram-up = answers
demo-telegram-down = does not answer
demo-shop = YooKassa
demo-shop-up = answers
demo-shop-down = does not answer
demo-limits = Limits
demo-limits-usual = usual
demo-limits-strict = very strict
demo-notice = Notification
demo-notice-note = lose the next one
demo-notice-armed = { $count ->
    [one] the next one will be lost
   *[other] the next { $count } will be lost
}
demo-journal = Journal
demo-journal-of = Whose records to show
demo-journal-all = All records
demo-api = API and site: { $url }
