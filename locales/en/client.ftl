### What a client's bot says: to its customers and to its owner.

## The customer's menu

client-menu-book = 📅 Book
client-menu-mine = 📋 My bookings
client-menu-about = ℹ️ About

## To the customer

client-apology = Sorry, something went wrong. Please try again: /start
client-not-understood = I did not understand that. Please choose from the menu below.
client-stale-button = This button no longer works. Please begin again: /start
client-not-a-choice = Nothing can be booked here, please choose another one.
client-stopped = All right, stopped. Please choose from the menu.
client-greeting =
    Hello! This is the booking bot of { QUOTED($company) }.

    Here you can choose a time and book it, look at your bookings and cancel them. How can I help?
client-about =
    { QUOTED($company) }

    { $services }

    • We remind you of a visit 24 hours and 2 hours before.
    • A booking can be cancelled up to { $hours } before.
    • You can have { $visits ->
        [one] { $visits } booking
       *[other] { $visits } bookings
    } at a time.
client-about-nothing = There are no services yet.
client-offer = { $name } — { $length }
client-offer-priced = { $name } — { $length }, { $price }
client-choose-service = Choose a service:
client-no-services = Nothing can be booked right now: there are no services. Please come back later.
client-service-gone = This service is no longer offered. Please choose another one:
client-slot-taken = Sorry, this time has just been taken. Please choose another one.
client-in-the-past = This time has passed. Please choose another one.
client-not-open = Nothing can be booked at this time. Please choose another one.
client-not-booked = All right, nothing is booked. Whenever you want to book, press “{ client-menu-book }”.
client-choose-day =
    { $offer }

    Choose a day:
client-choose-time =
    { $offer }
    { $day }

    Choose a time:
client-day-full =
    { $offer }
    { $day }

    No time is left. Please choose another day.
client-day-few-left = { $day } · { $free } left
client-day-no-room = { $day } · full
client-day-closed = { $day } · closed
client-check =
    Please check that all is right:

    { $card }
client-card =
    Service: { $name }
    When: { $when }
    Length: { $length }
client-card-priced =
    { client-card }
    Price: { $price }
client-booked =
    ✅ You are booked!

    { $card }

    { $cancelling }
client-may-cancel = You can cancel up to { $hours } before the visit.
client-may-not-cancel = If your plans change, please contact the business: it is too close to the visit to cancel it here.
client-too-many =
    You already have { $visits ->
        [one] { $visits } booking
       *[other] { $visits } bookings
    }, which is as many as you can have. Cancel one of them in “{ client-menu-mine }”, or wait for your visit.
client-my-visits =
    Your bookings:

    { $visits }
client-visit-line =
    { $number }. { $offer }
    { "    " }{ $when } ({ $away })
client-no-visits = You have no bookings ahead. To book, press “{ client-menu-book }”.
client-cancel-question =
    Cancel this booking?

    { $card }
client-cancelled =
    The booking is cancelled.

    { $card }
client-too-late = The visit ({ $when }) is less than { $hours } away, so it can no longer be cancelled here. Please contact the business.
client-no-such-visit = You have no such booking.
client-already-cancelled = This booking is cancelled already.
client-visit-begun = This visit has begun or is over, it cannot be cancelled.
client-reminder =
    🔔 A reminder: { $away } at { $time } we expect you at { QUOTED($company) }.

    { $card }
client-paused = The bot is paused and takes no bookings at the moment. We are sorry! Your bookings are kept, and we will remind you of them.
client-unnamed = no name

## The customer's buttons

client-button-confirm = ✅ Confirm
client-button-other-time = 🕘 Another time
client-button-other-day = 📅 Another day
client-button-other-service = 💼 Another service
client-button-stop = ✖️ Do not book
client-button-earlier = ◀️ Earlier
client-button-later = Later ▶️
client-button-cancel = ❌ Cancel { $number }: { $when }
client-button-cancel-sure = ❌ Yes, cancel
client-button-keep = ↩️ Keep

## The owner's menu

client-menu-today = 📆 Today
client-menu-next = 🗓 Next bookings
client-menu-services = 💼 Services
client-menu-hours = 🕘 Opening hours

## To the owner

client-owner-menu =
    { QUOTED($company) }: looking after bookings.

    The link for customers: https://t.me/{ $bot }
    🌐 Язык: /language
client-owner-set-up-hours =
    Hello! This is the booking bot of { QUOTED($company) }, and it takes bookings already. Let us set it up in a minute.

    Step 1 of 2. { client-owner-hours }
client-owner-hours =
    Working days and hours: { $week }.
    Time zone: { $zone }.

    Press a day to make it a working day or a day off. Existing bookings do not change.
client-owner-hours-kept = The opening hours are kept: { $week }.
client-owner-no-working-days = no working days, nothing can be booked
client-owner-set-up-service =
    Step 2 of 2. Services. Customers can now book this:

    { $services }

    Add your first service, which takes its place, or leave it as it is.
client-owner-set-up-done =
    🎉 Done! The bot takes bookings.

    { $services }
    { $week }

    The link for customers: https://t.me/{ $bot }
    You will hear here of each booking and cancellation.
client-owner-services =
    Your services:

    { $services }
client-owner-ask-name = What is the service called? Write its name, up to 64 characters. To stop: /cancel
client-owner-bad-name = A name is one line of text, of 1 to 64 characters. Please try again.
client-owner-ask-length = How many minutes does it take? Choose, or write a number from 5 to 720.
client-owner-bad-length = A length is a number of minutes from 5 to 720, such as 45. Please try again.
client-owner-ask-price = What does it cost in roubles? Write a number, such as 1500.
client-owner-bad-price = A price is a number of roubles, such as 1500 or 990.50. Please try again.
client-owner-remove-question = Take { QUOTED($offer) } off the list? Existing bookings stay.
client-owner-service-added = Added: { $offer }
client-owner-service-removed = Taken off the list: { QUOTED($name) }. Customers can no longer book it.
client-owner-last-service = This is the only service: without it nobody could book. Add another one first.
client-owner-no-such-service = This service is no longer on the list.
client-owner-too-many-services =
    There are { $count ->
        [one] { $count } service
       *[other] { $count } services
    } on the list, which is as many as there can be. Take one off first.
client-owner-nobody = No bookings ahead.
client-owner-nobody-today = No more bookings today.
client-owner-not-yours = This button is for the owner only.
client-owner-news =
    { $news ->
        [booked] 🆕 A new booking
       *[cancelled] ❌ A customer has cancelled
    }

    { $card }
    Customer: { $customer }
client-owner-paused =
    ⏸ The bot of { QUOTED($company) } is paused: the paid time is over. { client-owner-meanwhile }

    { $sales ->
        [none] Renew the subscription in the bot where you bought it, and bookings work again at once.
       *[other] Renew the subscription, and bookings work again at once: { $sales }
    }
client-owner-paused-by-operator =
    ⏸ The bot of { QUOTED($company) } was paused by the operator: support can tell you why. { client-owner-meanwhile }
client-owner-meanwhile = Customers see that nothing can be booked for now, and are still reminded of what they have booked; all data is kept.
client-owner-questions = Questions: { $support }
client-owner-language = Which language should the bot speak, with you and with customers?
client-owner-language-kept = Done: the bot speaks English.

## The owner's buttons

client-button-go-on = On ▶️
client-button-done = ✅ Done
client-button-add-service = ➕ Add a service
client-button-keep-usual = Leave it as it is
client-button-back = ↩️ Back
client-button-remove = 🗑 Remove { QUOTED($name) }
client-button-remove-sure = 🗑 Yes, remove
client-button-no-price = No price
client-button-usual-name = Call it { QUOTED($name) }
client-button-opens = from { $time }
client-button-closes = to { $time }
client-button-pay = 💳 Renew the subscription
