### What people are told unasked: operators and owners.

## To an operator

notices-new-sale =
    💰 New sale: { $what ->
        [new] a new bot
        [later] a new bot, to be connected later
       *[extension] a renewal
    }

    🏢 { $company }
    📦 Plan: { $plan } ({ $length })
    💵 Amount: { $amount }
    🧾 Order: { $order }
notices-attention =
    ⚠️ A payment waits for your decision: { $why ->
        [paid-twice] the order was paid a second time
        [paid-after-closing] an order was paid that is closed
        [amount-differs] the amount is not the order's
        [shop-differs] it went to another shop or mode
        [bot-taken] the bot belongs to another client already
       *[client-gone] the client that was paid for is gone
    }.

    💵 Amount: { $amount }
    💳 Payment: { $payment }
    🧾 Order: { $order ->
        [none] none
       *[other] { $order }
    }

    No time was granted; the money is in the shop.
notices-button-refund = ↩️ Give the money back
notices-deploy-done =
    ✅ The bot is up

    { notices-client }
notices-deploy-failed =
    ❌ The bot did not start

    { notices-client }

    No attempts are left, and what was begun is undone. The reason is in the journal: journalctl -u slotbox SLOTBOX_CLIENT={ $client }
notices-handed-over =
    ❌ The bot stays silent

    { notices-client }

    It was started anew several times and has not got well. It is left as it is until it reports or you start it.

    { $written ->
        [none] It has written nothing.
       *[some] It wrote last:
    }
notices-button-output = 🖥 Output
notices-seed-refused =
    ❌ The bot cannot begin with the data that is held for it, and serves nobody

    { notices-client }

    The reason: { $why ->
        [damaged] the file is damaged
        [too-new] a later version of Slotbox has written the data
        [no-room] there is no room on the disk where the bot has its data
       *[failed] the data could not be written in its place
    }.
    The file: { $file }

    { $why ->
        [damaged] Put a sound copy in its place. If the file is only moved away, the bot goes on with the data that it had.
        [too-new] Upgrade Slotbox.
        [no-room] Make room; the bot does the rest by itself.
       *[failed] The reason is in the journal: journalctl -u slotbox SLOTBOX_EVENT=client.seed_failed SLOTBOX_CLIENT={ $client }
    }

    We will remind you tomorrow if nothing changes.
notices-roll-out-stopped =
    ❌ The bot did not work in the new release and went back to the one before

    { notices-client }

    The other bots have stayed on the release before too. The reason is in the journal: journalctl -u slotbox SLOTBOX_EVENT=rollout.stopped
notices-button-restart = 🔄 Start again
notices-paid-not-delivered =
    ⚠️ Paid for, but the bot does not run

    { notices-client }
notices-client-problem =
    { $problem ->
        [token-revoked] ❌ The bot's token was revoked, or the bot deleted (401)
        [conflict] ⚠️ Another program reads the bot's updates (409)
        [owner-unreachable] ⚠️ The owner has blocked the bot (403)
       *[none] ✅ The bot is in touch again
    }

    { notices-client }
notices-diverted =
    ⚠️ Another program had taken the bot over. It is taken back: messages come here again

    { notices-client }

    What came meanwhile may have gone there. The owner knows, and can send a new token.
notices-client =
    🏢 { $company }
    🤖 @{ $bot }
    🆔 { $client }
notices-refund-done =
    ↩️ The refund is done

    💳 Payment: { $payment }
    💵 Given back in all: { $amount }
notices-refund-refused =
    ❌ YooKassa has refused the refund

    💳 Payment: { $payment }
    💵 Amount: { $amount }

    Check the shop's balance, and make the refund in YooKassa's own cabinet.

notices-bot-not-brought =
    ⚠️ Paid for a week ago, and the bot is not connected

    🏢 { $company }
    👤 Buyer: { $buyer }
    💵 Amount: { $amount }
    🧾 Order: { $order }

    The owner was reminded several times. The days wait and do not run out; the money can be given back.
notices-button-decide = ⚖️ Decide
notices-jobs-dead =
    ⚠️ Tasks were given up after all attempts: { $count }
notices-more = … and { $count } more
notices-button-jobs = ⚙️ Show the tasks
notices-button-retry-all = 🔄 Try all again
notices-button-held = ⚖️ Show the payments
notices-shop-refused =
    ❌ YooKassa does not accept the shop's key: no new payments come through.

    Take a new key in YooKassa's cabinet, put it into yookassa.secret_key and restart the host. We will remind you tomorrow if nothing changes.
notices-certificate-trouble =
    ⚠️ There is no new certificate for { $domain }. The certificate authority says:

    { $why }

    It is tried again by itself. Check that the name leads to this host and that ports 80 and 443 are open; “slotbox tls status” tells more.
notices-certificate-late =
    🚨 The host's certificate ends on { $until } and should have been renewed long ago. Without it no bot is paid for, and no page opens.

    “slotbox tls status” tells what keeps it; docs/https.md tells what to do. We will remind you tomorrow if nothing changes.
notices-webhook-trouble =
    ⚠️ Telegram does not bring the updates of { $count ->
        [one] one bot
       *[other] { $count } bots
    } here. It says:

    { $why }

    Nothing is lost for a day. Check that the name leads to this host, that its port is open and that the certificate is good; or set telegram.updates = "polling" and restart.
notices-backup-trouble =
    ⚠️ No backup of the host can be made. The reason:

    { $why }

    What helps: { $cure }

    { $last } It is tried again by itself; “slotbox backup create” tries now. We will remind you tomorrow if nothing changes.
notices-backup-last = The last good backup is of { $at } and is untouched.
notices-backup-never = There is no backup yet.
notices-digest = ☀️ Good morning! The business in short.
notices-digest-quiet = ☀️ Good morning! All is well: nothing ends soon, everything runs, nothing to decide.
notices-digest-ending = ⏰ Ending within 7 days: { $count }
notices-digest-ends = • { $company } — { $until }
notices-digest-suspended = ⏸ Paused yesterday: { $count }
notices-digest-name = • { $company }
notices-digest-money =
    💰 Sales yesterday: { $sales }, { $sum }
    ↩️ Refunds yesterday: { $refunds }, { $back }
notices-digest-ill = ⚠️ Bots with a problem: { $count }
notices-digest-held = ⚖️ Payments that wait for a decision: { $count }
notices-digest-dead = ⚙️ Tasks that were given up: { $count }

## To the owner

notices-time-changed = 📅 An operator has changed how long the bot @{ $bot } may run: now until { $until }.

notices-pay-link =
    💳 Your link to pay is ready

    📦 Plan: { $plan }
    💵 Amount: { $amount }
notices-button-pay = 💳 Pay
notices-button-check = 🔄 Check the payment
notices-payment-received =
    ✅ Payment received: { $amount }

    🏢 { $company }
    📅 Paid until: { $until }
notices-paid-ahead =
    ✅ Payment received: { $amount }

    🏢 { $company }
    📅 { $length } wait for your bot: the time begins when you connect it.
notices-button-connect = 🔌 Connect the bot
notices-bring-bot =
    👋 You have paid for a bot for { QUOTED($company) } and have not connected it yet.

    📅 { $length } still wait for you and do not run out. Connecting takes a few minutes: you need a token from @BotFather.
notices-order-expired =
    ⌛ The time to pay is over; no money was taken.

    { notices-order-again }
notices-order-canceled =
    ❌ The payment was canceled; no money was taken.

    { notices-order-again }
notices-order-again =
    📦 Plan: { $plan }
    💵 Amount: { $amount }

    One button orders the same again 👇
notices-button-again = 🔁 Order again
notices-refunded =
    ↩️ Refund: { $amount }

    The money comes back the way it came. The paid time is shortened in proportion.
notices-bot-ready =
    🎉 Your bot @{ $bot } is ready!

    🏢 { $company }

    What comes next:
    1. Open it and press “Start”: you are its administrator
    2. Add your services and opening hours
    3. Book a visit yourself, to see what your customers see
    4. Put the link t.me/{ $bot } into your social networks and maps
notices-button-open-bot = 🤖 Open the bot
notices-bot-delayed =
    ⏳ Starting the bot @{ $bot } takes longer than usual.

    We are looking into it and will tell you as soon as it works. The paid time is not lost.
notices-bot-token-revoked =
    ❌ Telegram no longer accepts the token of the bot @{ $bot }.

    You may have made a new token in @BotFather, or deleted the bot. Send the new token, and the bot works again at once; all bookings are there.
notices-button-token = 🔑 Send a new token
notices-bot-conflict =
    ⚠️ Another program reads the messages of the bot @{ $bot }.

    Stop the service or script that the bot was connected to before: while it runs, bookings can get lost. If you do not know what it is, make a new token in @BotFather (API Token → Revoke) and send it: the old program is cut off.
notices-bot-diverted =
    ⚠️ Another program had taken the bot @{ $bot } over. We have taken it back, and it answers again; but messages that came meanwhile may have gone there.

    Disconnect the bot in the service or script that it was used with before. If you do not know what it is, make a new token in @BotFather (API Token → Revoke) and send it: the other program is cut off.
notices-bot-owner-unreachable =
    ⚠️ The bot @{ $bot } cannot write to you.

    Open it and press “Start” to be told of bookings.
notices-bot-well = ✅ The bot @{ $bot } is in touch again.
notices-grace =
    ⚠️ The paid time of the bot @{ $bot } ended on { $until }.

    The bot still works, but will be paused soon. Renew it, and your customers will notice nothing.
notices-button-renew = 🔄 Renew
notices-works = ✅ The bot @{ $bot } is working. Paid until { $until }.
notices-suspended =
    ⏸ The bot @{ $bot } is paused: the paid time is over.

    Customers see that booking is closed, and are still reminded of the visits they have booked. All data is kept; on { $until } it moves to the archive. A payment brings the bot back at once: 🤖 My bots.
notices-suspended-by-operator =
    ⏸ The bot @{ $bot } was paused by the operator.

    Customers see that booking is closed; all data is kept. Support can tell you why. Paid time runs on; unless the bot is resumed, its data moves to the archive on { $until }.
notices-cancelled =
    ⛔ The bot @{ $bot } is switched off and no longer answers customers.

    The data is kept; on { $until } it moves to the archive. If you change your mind, a payment brings the bot back: 🤖 My bots.
notices-data-ends =
    📦 In { $days ->
        [one] { $days } day
       *[other] { $days } days
    }, on { $until }, the bookings and settings of the bot @{ $bot } move to the archive: the bot is not running, and the time we keep them in place is nearly over.

    Pay for the subscription to keep everything in place: 🤖 My bots.
notices-archived =
    📦 The bookings, settings and token of the bot @{ $bot } were moved to the archive: the time we keep them in place is over.

    A payment brings the bot back with all of it: 🤖 My bots. To have the archive deleted for ever, write to support.
notices-days-left =
    ⏰ The bot @{ $bot }: { $days ->
        [one] { $days } day is left
       *[other] { $days } days are left
    }.

    Renew in good time: the days left are not lost.
notices-ended =
    ⛔ The bot @{ $bot } is switched off.

    If you change your mind, a payment brings it back.
notices-news =
    📣 News from us

    { $text }
notices-button-no-news = 🔕 Send me no news
