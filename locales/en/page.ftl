### The page that a payer comes back to.

page-back-to-bot = Back to the bot
page-pay = Go to the payment
page-support = Questions? Write to us:
page-order = Order

page-open-title = Waiting for the bank
page-open-text = The bank has not confirmed the payment yet. It usually takes less than a minute; this page looks again by itself.
page-paid-title = Payment received
page-paid-new-text = Thank you! Your bot is being started. A message will come in Telegram when it is ready.
page-paid-later-text = Thank you! What is left is to connect your bot: we have written in Telegram how. The paid time begins when the bot does.
page-paid-extension-text = Thank you! The subscription is extended; the details are in Telegram.
page-canceled-title = The payment did not go through
page-canceled-text = The payment was canceled and no money was taken. You can order again in the bot.
page-expired-title = The time to pay is over
page-expired-text = No money was taken. You can order again in the bot.
page-attention-title = The payment is being checked
page-attention-text = We have received a payment, and a person will look at it. Please do not pay again: we will write to you in Telegram.
page-unknown-title = Order not found
page-unknown-text = We have no such order. Check the link, or open the order in the bot.
page-malformed-title = The link is damaged
page-malformed-text = The address of this page holds no order number. Go back to the bot and open the link again.
page-failed-title = Something went wrong
page-failed-text = We are looking into it. If you have paid, your money is safe: reload this page in a minute.
page-too-many-title = Just a moment
page-too-many-text = The page was asked for too often. It looks again by itself in a few seconds; your payment is not affected.

page-no-certificate-title = There is no certificate yet
page-no-certificate-text = This host has no certificate yet, so it cannot be reached over HTTPS. It is being asked for; please try again in some minutes.
