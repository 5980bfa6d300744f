### Что люди узнают сами, без вопроса: операторы и владельцы.

## Оператору

notices-new-sale =
    💰 Новая продажа: { $what ->
        [new] новый бот
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

## Владельцу

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
notices-order-expired =
    ⌛ Время на оплату вышло, деньги не списаны.

    { notices-order-again }
notices-order-canceled =
    ❌ Платёж отменён, деньги не списаны.

    { notices-order-again }
notices-order-again =
    📦 Тариф: { $plan }
    💵 Сумма: { $amount }

    Можно оформить заказ заново: 💳 Купить подписку.
notices-refunded =
    ↩️ Возврат: { $amount }

    Деньги вернутся тем же способом, каким пришли. Оплаченное время уменьшено соразмерно.
notices-bot-ready =
    🎉 Ваш бот @{ $bot } готов!

    🏢 { $company }

    Откройте его и нажмите «Старт»: он поможет настроить часы работы и услуги.
notices-button-open-bot = 🤖 Открыть бота
notices-bot-delayed =
    ⏳ Запуск бота @{ $bot } занимает больше времени, чем обычно.

    Мы уже разбираемся и сообщим, как только он заработает. Оплаченное время не пропадёт.
notices-bot-token-revoked =
    ❌ Telegram больше не принимает токен бота @{ $bot }.

    Возможно, вы выпустили новый токен в @BotFather или удалили бота. Напишите в поддержку, чтобы заменить токен.
notices-bot-conflict =
    ⚠️ Сообщения бота @{ $bot } читает ещё одна программа.

    Остановите прежний сервис или скрипт, к которому подключён этот бот: пока он работает, записи могут теряться.
notices-bot-owner-unreachable =
    ⚠️ Бот @{ $bot } не может вам написать.

    Откройте его и нажмите «Старт», чтобы получать уведомления о записях.
notices-bot-well = ✅ Бот @{ $bot } снова на связи.
notices-grace =
    ⚠️ Оплаченное время бота @{ $bot } закончилось { $until }.

    Бот пока работает, но скоро будет приостановлен. Продлите его: 🤖 Мои боты.
notices-suspended =
    ⏸ Бот @{ $bot } приостановлен.

    Клиенты видят, что запись закрыта; все данные сохранены. Оплата сразу вернёт бота к работе: 🤖 Мои боты.
notices-days-left =
    ⏰ Бот @{ $bot }: { $days ->
        [one] остался { $days } день
        [few] осталось { $days } дня
       *[many] осталось { $days } дней
    }.

    Продлите заранее, оставшиеся дни не пропадут: 🤖 Мои боты.
notices-ended = Бот @{ $bot } больше не обслуживается.
