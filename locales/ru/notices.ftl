### Что люди узнают сами, без вопроса: операторы и владельцы.

## Оператору

notices-new-sale =
    💰 Новая продажа: { $what ->
        [new] новый бот
        [later] новый бот, подключат позже
       *[extension] продление
    }

    🏢 { $company }
    📦 Тариф: { $plan } ({ $length })
    💵 Сумма: { $amount }
    🧾 Заказ: { $order }
notices-attention =
    ⚠️ Платёж ждёт вашего решения: { $why ->
        [paid-twice] заказ оплачен второй раз
        [paid-after-closing] оплачен уже закрытый заказ
        [amount-differs] сумма не совпадает с суммой заказа
        [shop-differs] платёж пришёл не в тот магазин или режим
        [bot-taken] этот бот уже принадлежит другому клиенту
       *[client-gone] клиента, за которого заплатили, больше нет
    }.

    💵 Сумма: { $amount }
    💳 Платёж: { $payment }
    🧾 Заказ: { $order ->
        [none] нет
       *[other] { $order }
    }

    Время не начислено, деньги в кассе.
notices-button-refund = ↩️ Вернуть деньги
notices-deploy-done =
    ✅ Бот запущен

    { notices-client }
notices-deploy-failed =
    ❌ Бот не запустился

    { notices-client }

    Попытки закончились, всё начатое отменено. Причина — в журнале: journalctl -u slotbox SLOTBOX_CLIENT={ $client }
notices-button-restart = 🔄 Запустить снова
notices-paid-not-delivered =
    ⚠️ Оплачено, но бот не работает

    { notices-client }
notices-client-problem =
    { $problem ->
        [token-revoked] ❌ Токен бота отозван или бот удалён (401)
        [conflict] ⚠️ Обновления бота читает другая программа (409)
        [owner-unreachable] ⚠️ Владелец заблокировал бота (403)
       *[none] ✅ Бот снова на связи
    }

    { notices-client }
notices-client =
    🏢 { $company }
    🤖 @{ $bot }
    🆔 { $client }
notices-refund-done =
    ↩️ Возврат выполнен

    💳 Платёж: { $payment }
    💵 Возвращено всего: { $amount }
notices-refund-refused =
    ❌ ЮKassa отказала в возврате

    💳 Платёж: { $payment }
    💵 Сумма: { $amount }

    Проверьте баланс магазина и сделайте возврат в личном кабинете ЮKassa.

notices-bot-not-brought =
    ⚠️ Оплачено неделю назад, а бот не подключён

    🏢 { $company }
    👤 Покупатель: { $buyer }
    💵 Сумма: { $amount }
    🧾 Заказ: { $order }

    Владельцу несколько раз напомнили. Дни ждут его и не сгорают; деньги можно вернуть.
notices-button-decide = ⚖️ Решить
notices-jobs-dead =
    ⚠️ Задачи не удались после всех попыток: { $count }
notices-more = … и ещё { $count }
notices-button-jobs = ⚙️ Показать задачи
notices-button-retry-all = 🔄 Повторить все
notices-button-held = ⚖️ Показать платежи
notices-shop-refused =
    ❌ ЮKassa не принимает ключ магазина: новые оплаты не проходят.

    Возьмите новый ключ в личном кабинете ЮKassa, впишите его в yookassa.secret_key и перезапустите сервер. Напомним завтра, если ничего не изменится.
notices-digest = ☀️ Доброе утро! Коротко о делах.
notices-digest-quiet = ☀️ Доброе утро! Всё в порядке: ничего не истекает, всё работает, решать нечего.
notices-digest-ending = ⏰ Истекает за 7 дней: { $count }
notices-digest-ends = • { $company } — { $until }
notices-digest-suspended = ⏸ Приостановлены вчера: { $count }
notices-digest-name = • { $company }
notices-digest-money =
    💰 Продаж вчера: { $sales }, на { $sum }
    ↩️ Возвратов вчера: { $refunds }, на { $back }
notices-digest-ill = ⚠️ Боты с проблемой: { $count }
notices-digest-held = ⚖️ Платежей ждут решения: { $count }
notices-digest-dead = ⚙️ Задач не удались: { $count }

## Владельцу

notices-time-changed = 📅 Срок бота @{ $bot } изменён оператором: теперь до { $until }.

notices-pay-link =
    💳 Ссылка на оплату готова

    📦 Тариф: { $plan }
    💵 Сумма: { $amount }
notices-button-pay = 💳 Оплатить
notices-button-check = 🔄 Проверить оплату
notices-payment-received =
    ✅ Оплата получена: { $amount }

    🏢 { $company }
    📅 Оплачено до: { $until }
notices-paid-ahead =
    ✅ Оплата получена: { $amount }

    🏢 { $company }
    📅 { $length } ждут вашего бота: время начнётся, когда вы его подключите.
notices-button-connect = 🔌 Подключить бота
notices-bring-bot =
    👋 Вы оплатили бота для «{ $company }», а подключить его ещё не успели.

    📅 { $length } по-прежнему ждут вас и не сгорают. Подключение занимает пару минут: нужен токен из @BotFather.
notices-order-expired =
    ⌛ Время на оплату вышло, деньги не списаны.

    { notices-order-again }
notices-order-canceled =
    ❌ Платёж отменён, деньги не списаны.

    { notices-order-again }
notices-order-again =
    📦 Тариф: { $plan }
    💵 Сумма: { $amount }

    Тот же заказ можно оформить заново одной кнопкой 👇
notices-button-again = 🔁 Оформить ещё раз
notices-refunded =
    ↩️ Возврат: { $amount }

    Деньги вернутся тем же способом, каким пришли. Оплаченное время уменьшено соразмерно.
notices-bot-ready =
    🎉 Ваш бот @{ $bot } готов!

    🏢 { $company }

    Что дальше:
    1. Откройте его и нажмите «Старт»: вы — администратор
    2. Добавьте услуги и часы работы
    3. Запишитесь сами, чтобы увидеть бота глазами клиента
    4. Разместите ссылку t.me/{ $bot } в соцсетях и на картах
notices-button-open-bot = 🤖 Открыть бота
notices-bot-delayed =
    ⏳ Запуск бота @{ $bot } занимает больше времени, чем обычно.

    Мы уже разбираемся и сообщим, как только он заработает. Оплаченное время не пропадёт.
notices-bot-token-revoked =
    ❌ Telegram больше не принимает токен бота @{ $bot }.

    Возможно, вы выпустили новый токен в @BotFather или удалили бота. Пришлите новый токен, и бот сразу заработает; все записи на месте.
notices-button-token = 🔑 Прислать новый токен
notices-bot-conflict =
    ⚠️ Сообщения бота @{ $bot } читает ещё одна программа.

    Остановите прежний сервис или скрипт, к которому подключён этот бот: пока он работает, записи могут теряться. Если не знаете, что это, выпустите в @BotFather новый токен (API Token → Revoke) и пришлите его: старая программа отключится.
notices-bot-owner-unreachable =
    ⚠️ Бот @{ $bot } не может вам написать.

    Откройте его и нажмите «Старт», чтобы получать уведомления о записях.
notices-bot-well = ✅ Бот @{ $bot } снова на связи.
notices-grace =
    ⚠️ Оплаченное время бота @{ $bot } закончилось { $until }.

    Бот пока работает, но скоро будет приостановлен. Продлите его, и клиенты ничего не заметят.
notices-button-renew = 🔄 Продлить
notices-suspended =
    ⏸ Бот @{ $bot } приостановлен.

    Клиенты видят, что запись закрыта; все данные сохранены. Оплата сразу вернёт бота к работе.
notices-days-left =
    ⏰ Бот @{ $bot }: { $days ->
        [one] остался { $days } день
        [few] осталось { $days } дня
       *[many] осталось { $days } дней
    }.

    Продлите заранее: оставшиеся дни не пропадут.
notices-ended =
    ⛔ Бот @{ $bot } отключён.

    Если передумаете, оплата вернёт его.
