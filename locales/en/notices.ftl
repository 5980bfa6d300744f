### What people are told unasked: operators and owners.

## To an operator

notices-new-sale =
    💰 New sale: { $what ->
        [new] a new bot
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

## To the owner

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
notices-order-expired =
    ⌛ The time to pay is over; no money was taken.

    { notices-order-again }
notices-order-canceled =
    ❌ The payment was canceled; no money was taken.

    { notices-order-again }
notices-order-again =
    📦 Plan: { $plan }
    💵 Amount: { $amount }

    You can order again: 💳 Buy a subscription.
notices-refunded =
    ↩️ Refund: { $amount }

    The money comes back the way it came. The paid time is shortened in proportion.
notices-bot-ready =
    🎉 Your bot @{ $bot } is ready!

    🏢 { $company }

    Open it and press “Start”: it will help you to set the opening hours and the services.
notices-button-open-bot = 🤖 Open the bot
notices-bot-delayed =
    ⏳ Starting the bot @{ $bot } takes longer than usual.

    We are looking into it and will tell you as soon as it works. The paid time is not lost.
notices-bot-token-revoked =
    ❌ Telegram no longer accepts the token of the bot @{ $bot }.

    You may have made a new token in @BotFather, or deleted the bot. Write to the support to have the token replaced.
notices-bot-conflict =
    ⚠️ Another program reads the messages of the bot @{ $bot }.

    Stop the service or script that the bot was connected to before: while it runs, bookings can get lost.
notices-bot-owner-unreachable =
    ⚠️ The bot @{ $bot } cannot write to you.

    Open it and press “Start” to be told of bookings.
notices-bot-well = ✅ The bot @{ $bot } is in touch again.
notices-grace =
    ⚠️ The paid time of the bot @{ $bot } ended on { $until }.

    The bot still works, but will be paused soon. Renew it: 🤖 My bots.
notices-suspended =
    ⏸ The bot @{ $bot } is paused.

    Customers see that booking is closed; all data are kept. A payment brings the bot back at once: 🤖 My bots.
notices-days-left =
    ⏰ The bot @{ $bot }: { $days ->
        [one] { $days } day is left
       *[other] { $days } days are left
    }.

    Renew in good time, the days left are not lost: 🤖 My bots.
notices-ended = The bot @{ $bot } is no longer served.
