### Мастер-бот: что читают операторы.

## Меню и общие кнопки

master-button-add-client = ➕ Добавить клиента
master-button-take-payment = 💰 Принять оплату
master-button-clients = 👥 Список клиентов
master-button-orders = 🧾 Заказы и платежи
master-button-queue = ⚙️ Очередь
master-button-stats = 📊 Статистика
master-button-backups = 💾 Резервные копии
master-button-help = ❓ Помощь
master-button-confirm = ✅ Подтвердить
master-button-cancel = ❌ Отмена
master-button-back = ⬅️ К списку
master-button-older = ➡️ Дальше
master-button-newer = ⬅️ Назад
master-button-search = 🔍 Найти
master-button-back-to-client = ⬅️ К клиенту
master-command-start = начало и меню
master-command-clients = клиенты
master-command-find = найти клиента
master-command-orders = заказы и платежи
master-command-queue = очередь задач
master-command-stats = статистика
master-command-audit = журнал действий
master-command-backups = резервные копии
master-command-broadcast = новость всем владельцам
master-command-cancel = прервать диалог
master-command-help = справка

master-denied = ⛔ У вас нет доступа к этому боту. Ваш Telegram ID: { $person }. Если вы оператор, впишите его в telegram.operators или получите ссылку: slotbox operators link.
master-link-welcome = ✅ Теперь вы оператор. Меню: /start
master-link-expired = ⌛ Ссылка устарела: она действует 15 минут. Новая: slotbox operators link на сервере.
master-link-used = ⛔ По этой ссылке уже кто-то вошёл. Если это не вы и не коллега, проверьте на сервере: slotbox operators list.
master-link-unknown = ⛔ Такой ссылки нет. Новая: slotbox operators link на сервере.
master-link-too-often = ⛔ Слишком много неверных ссылок. Получите новую: slotbox operators link на сервере.
master-cancelled = ❌ Отменено.
master-nothing-to-cancel = Отменять нечего.
master-apology = 😔 Не получилось выполнить это действие. Подробности — в журнале сервера.
master-stale = Эта кнопка уже не действует.
master-unknown = 🤔 Не понимаю это сообщение. Команды: /help
master-text-only = ✍️ Нужен ответ текстом. Отменить: /cancel
master-press-a-button = 👆 Нажмите кнопку под сообщением выше. Отменить: /cancel
master-cancel-hint = Отменить: /cancel

master-start =
    👋 Здравствуйте, { $name }!

    Это Master Bot. Здесь можно:
    • добавлять клиентов и запускать их ботов
    • принимать оплату и продлевать подписки
    • решать, что делать с платежами, которые ждут человека
    • смотреть, что с клиентами и с очередью

    { master-queue-state }
master-help =
    ❓ Помощь

    /start — начало и меню
    /clients — клиенты
    /find имя — найти клиента по названию, боту, владельцу или ID
    /orders — заказы и платежи
    /queue — очередь задач
    /stats — статистика
    /audit — журнал действий
    /backups — резервные копии сервера
    /broadcast — новость всем владельцам
    /cancel — прервать диалог
    /help — эта справка

    { master-button-add-client }
    1. Токен бота от @BotFather
    2. Владелец: ID, контакт или пересланное сообщение
    3. Название компании
    4. Срок
    Бот запускается через очередь, ход запуска виден в том же сообщении.

    { master-button-take-payment }
    1. Найти клиента
    2. Срок
    3. Сумма
    Подписка продлевается ровно на указанный срок.

    { master-button-clients }
    Карточка клиента: оплата, подарок дней, пауза, перезапуск, новый токен, название, владелец, платежи, журнал, отключение, удаление. Последнее действие можно отменить кнопкой «↩️» в течение суток; удаление отменить нельзя.

    { master-button-orders }
    Платежи, которые ждут решения: вернуть деньги, начислить время или закрыть. Оплачено, но не работает. Открытые заказы.

## Очередь

master-queue-state =
    ✅ Очередь активна
    📋 Задач в очереди: { $queued }
master-queue-running = ⚙️ Выполняется: { $running }
master-queue-waiting = ⏳ Ждёт своего часа или повтора: { $waiting }
master-queue-dead = ⚠️ Не удалось: { $dead }
master-queue-idle = 💡 Все задачи выполнены.
master-queue-busy = 💡 Задачи выполняются по порядку.
master-button-jobs-dead = ⚠️ Не удались: { $count }
master-button-jobs-waiting = ⏳ Ждут: { $count }
master-button-jobs-running = ⚙️ Выполняются: { $count }
master-button-jobs-queued = 📋 В очереди: { $count }
master-jobs-dead = ⚠️ Не удались после всех попыток
master-jobs-waiting = ⏳ Ждут своего часа или повтора
master-jobs-running = ⚙️ Выполняются сейчас
master-jobs-queued = 📋 В очереди
master-jobs-none = Здесь пусто.
master-jobs-more = … и ещё { $count }
master-job-line = • { $job } — { $kind }
master-job-line-of = • { $job } — { $kind }, { $company }
master-job-attempts = { "  " }попытка { $attempt } из { $of }, создана { $created }
master-job-next = { "  " }следующая попытка { $at }
master-job-error = { "  " }причина: { $why }
master-button-back-up = 💾 Сделать сейчас
master-button-backups-refresh = 🔄 Обновить
master-backups =
    💾 Резервные копии

    Хранятся в { $place }; последние { $keep }.
    На { $at }:
master-backups-none = Ни одной пока нет.
master-backups-last = ✅ Последняя — от { $at }: { $size } МиБ, { $clients } { $clients ->
        [one] клиент
        [few] клиента
       *[other] клиентов
    }.
master-backups-carried = ⚠️ { $count } { $count ->
        [one] клиент не прислал копию
        [few] клиента не прислали копию
       *[other] клиентов не прислали копию
    }: взята прежняя, самая старая — от { $oldest }.
master-backups-missing = ⚠️ Нет копии данных { $count } { $count ->
        [one] клиента
       *[other] клиентов
    }.
master-backups-under-way = ⏳ Копия делается.
master-backups-trouble =
    ❌ Копию сделать не получается: { $why }

    Что поможет: { $cure }
master-job-kind = { $kind ->
    [request_payment] ссылка на оплату
    [settle_payment] проверка платежа
    [refund] возврат денег
    [reconcile] сверка заказов
    [sweep_refunds] поиск возвратов
    [deploy_client] запуск бота
    [restart_client] перезапуск бота
    [remove_client] удаление клиента
    [lifecycle] сроки подписок
    [notify] уведомление
    [show_progress] ход запуска
    [digest] утренняя сводка
    [back_up_host] резервная копия сервера
    [back_up_client] резервная копия клиента
    [forget_token] забыть неиспользованный токен
    [watch] присмотр
   *[other] { $kind }
}
master-why = { $why ->
    [not-healthy] бот не сообщил, что работает, за отведённое время
    [not-started] процесс бота не запустился
    [no-shop] магазин не настроен: yookassa.shop_id и yookassa.secret_key
    [key-refused] ЮKassa не принимает ключ магазина
    [no-provider] ЮKassa не ответила
    [no-telegram] Telegram не ответил
    [token] токен бота не принимается
    [too-long] задача не уложилась в отведённое время
    [panic] сбой в программе; подробности в журнале сервера
    [process-ended] сервер был остановлен посреди задачи
   *[other] { $error }
}
master-button-retry = 🔄 Повторить { $job }
master-button-retry-all = 🔄 Повторить все
master-button-drop = 🗑 Убрать { $job }
master-button-to-queue = ⬅️ К очереди
master-job-retried = 🔄 Задача { $job } поставлена в очередь снова.
master-jobs-retried = { $count ->
    [one] 🔄 Поставлена в очередь снова { $count } задача.
    [few] 🔄 Поставлены в очередь снова { $count } задачи.
   *[many] 🔄 Поставлено в очередь снова { $count } задач.
}
master-job-dropped = 🗑 Задача { $job } убрана: повторяться она не будет.
master-job-gone = Этой задачи среди неудавшихся уже нет.

## Статистика

master-stats =
    📊 Статистика на { $at }

    👥 Клиентов: { $total }
    🎁 Пробный период: { $trial }
    ✅ Активны: { $active }
    ⏳ Льготный срок: { $grace }
    ⏸ Приостановлены: { $suspended }
    ⛔ Отключены: { $cancelled }
    📦 В архиве: { $archived }

    🤖 Ботов работает: { $running }
    ⚠️ Ботов с проблемой: { $ill }
    { $capacity ->
        [unknown] 🖥 Сколько ещё ботов поместится: неизвестно
       *[known] 🖥 Памяти хватит ещё примерно на столько ботов: { $capacity }
    }

    💰 Выручка за 30 дней: { $month } (RUB, платежей: { $month_count })
    💵 Выручка за сегодня: { $today } (RUB, платежей: { $today_count })
    ↩️ Возвращено за 30 дней: { $given_back }

    🕓 Открытых заказов: { $orders }
    ⚠️ Платежей ждут решения: { $held }
    🎁 Пробных периодов: { $trials }, из них оплатили: { $converted }
    ⚙️ Задач: в очереди { $queued }, ждут { $waiting }, не удались { $dead }

## Клиенты

master-no-clients = 👥 Клиентов пока нет. Добавьте первого: «➕ Добавить клиента».
master-clients =
    👥 Клиентов: { $total }

    Выберите клиента 👇
master-ask-search =
    🔍 Кого ищем? Часть названия, имя бота, ID владельца или ID клиента.

    { master-cancel-hint }
master-found-none = 🔍 Никого не нашлось. Попробуйте иначе.
master-found = 🔍 Нашлось: { $count }. Выберите клиента.
master-found-more = 🔍 Нашлось: { $count }, показаны { $shown }. Выберите клиента или уточните запрос.
master-client-gone = Такого клиента больше нет.
master-client-button = { $mark } { $company } — до { $until }
master-client-button-plain = { $mark } { $company }
master-card =
    🏢 { $company }
    🤖 @{ $bot }
    📌 { $standing }
master-card-runtime = ⚙️ Процесс: { $state ->
    [none] не запущен
    [starting] запускается
    [running] работает
    [stopped] остановлен
   *[failed] не запустился: нажмите «🔁 Перезапустить»
}
master-card-report = 💓 Последний сигнал: { $seconds } с назад
master-card-update = 💬 Последнее сообщение обработано: { $at }
master-card-given-up = ⚠️ Не удалось обработать сообщений: { $count }. Смотрите «🖥 Вывод»
master-card-problem = ⚠️ { $problem ->
    [token-revoked] Токен отозван. Возьмите новый у @BotFather или у владельца: «🔑 Новый токен»
    [conflict] Бота читает другая программа: владелец должен остановить её или выпустить новый токен
   *[owner-unreachable] Бот не может написать владельцу: владелец должен открыть бота и нажать «Старт»
}
master-card-plan = 💳 Тариф: { $plan }
master-card-owner = 👤 Владелец: { $owner } (tg://user?id={ $owner })
master-card-payments = 🧾 Платежей: { $count }, получено { $sum }
master-card-added = 📅 Добавлен: { $at }
master-card-id = 🆔 { $client }
master-standing-trial = Пробный период до { $until } (осталось { $left })
master-standing-active = Активен до { $until } (осталось { $left })
master-standing-grace = Льготный срок, оплата закончилась { $until }
master-standing-expired = Приостановлен с { $since }: не оплачен
master-standing-paused = Приостановлен оператором с { $since }, оплачен до { $until }
master-standing-cancelled = Отключён с { $since }
master-standing-archived = В архиве с { $since }

master-button-pay = 💰 Принять оплату
master-button-give = 🎁 Подарить дни
master-button-suspend = ⏸ Приостановить
master-button-resume = ▶️ Возобновить
master-button-restart = 🔁 Перезапустить
master-button-token = 🔑 Новый токен
master-button-rename = ✏️ Название
master-button-owner = 👤 Владелец
master-button-payments = 🧾 Платежи
master-button-log = 📜 Журнал
master-button-output = 🖥 Вывод
master-button-refresh = 🔄 Обновить
master-button-cancel-client = 🚫 Отключить
master-button-remove = 🗑 Удалить
master-button-undo = ↩️ Отменить: { $act }
master-act = { $act ->
    [suspended] приостановку
    [resumed] возобновление
    [given] подарок
    [cancelled] отключение
   *[changed] правку данных
}
master-suspended = ⏸ Приостановлен
master-resumed = ▶️ Возобновлён
master-restarting = 🔁 Перезапускается
master-given = 🎁 Подарено: { $length }
master-client-cancelled = 🚫 Отключён: бот остановлен, данные сохранены
master-client-changed = ✏️ Сохранено
master-token-changed = 🔑 Токен заменён: @{ $bot }
master-undone = ↩️ Отменено: всё снова как было
master-undo-changed = ↩️ Отменить нельзя: с тех пор у клиента что-то изменилось.
master-undo-too-late = ↩️ Отменять уже нечего: прошли сутки, или это действие уже отменено.
master-payment-needed = Оплаченного времени нет: сначала примите оплату или подарите дни.
master-nothing-to-run = У этого клиента запускать нечего: подписка отключена.
master-still-serves = Сначала приостановите клиента.
master-ask-gift =
    🎁 { $company }: сколько дней подарить? Деньги не записываются, владелец узнает о новом сроке.

    { master-cancel-hint }
master-ask-name =
    ✏️ Сейчас: { $company }
    Как назвать компанию?

    { master-cancel-hint }
master-ask-new-owner =
    👤 Сейчас владелец { $owner }. Кто теперь? ID, контакт или пересланное от него сообщение.

    { master-cancel-hint }
master-ask-new-token =
    🔑 Пришлите новый токен бота @{ $bot } от @BotFather. Это должен быть тот же самый бот.

    { master-cancel-hint }
master-token-of-another =
    ⚠️ Это токен другого бота. Нужен токен @{ $bot }.

    { master-cancel-hint }
master-confirm-cancel =
    🚫 Отключить клиента?

    🏢 { $company }
    🤖 @{ $bot }

    Бот перестанет отвечать. Записи и настройки сохраняются; оплата или кнопка «↩️» вернёт всё на место.
master-button-cancel-now = 🚫 Да, отключить
master-confirm-remove =
    🗑 Удалить клиента?

    🏢 { $company }
    🤖 @{ $bot }

    Бот остановится, его записи и настройки будут удалены. Платежи и журнал останутся.
    Если бот только мешает, приостановите его: данные сохранятся.
master-button-remove-on = 🗑 Всё равно удалить
master-button-suspend-instead = ⏸ Лучше приостановить
master-confirm-remove-for-good = ❗️ Удалить { QUOTED($company) } навсегда? Отменить это будет нельзя. Пропадут:
master-loss-bookings = • предстоящие записи: { $count }
master-loss-bookings-unknown = • все записи клиентов
master-loss-settings = • услуги, часы работы и настройки бота @{ $bot }
master-loss-time = • оплаченное время до { $until } ({ $left })
master-loss-token = • токен бота: чтобы вернуть его, понадобится новый
master-button-remove-now = 🗑 Да, удалить навсегда
master-button-keep = ⬅️ Оставить
master-removing = 🗑 Удаляется: { $company }

## История клиента

master-payments =
    🧾 Платежи: { $company }
    Всего { $count }, страница { $page } из { $pages }
master-payments-none = 🧾 { $company }: платежей ещё не было.
master-payment-line = • { $at } — { $amount }, { $length }, { $source ->
    [yookassa] ЮKassa
   *[manual] вручную
}{ $state ->
    [settled] { "" }
    [refunded] { "" }, возвращён
    [attention] { "" }, ждёт решения
   *[dismissed] { "" }, закрыт без начисления
}
master-payment-back = { "  " }возвращено { $amount }
master-payment-id = { "  " }{ $payment }
master-log = 📜 Журнал: { $company }
master-output = 🖥 Последний вывод @{ $bot }, { $at }
master-output-none = 🖥 @{ $bot } ничего не писал, { $at }
master-output-soon = Секунду: вывод только что показан
master-output-unread = 🖥 Вывод бота сейчас не прочитать. Причина — в журнале: journalctl -u slotbox SLOTBOX_EVENT=client.log_unread
master-audit = 📜 Журнал действий
master-log-none = 📜 Журнал пуст.
master-log-line = • { $at } — { $action }
master-log-by = { "  " }{ $actor ->
    [operator] оператор
    [owner] владелец
    [api] API
   *[slotbox] сам сервер
} { $who }
master-log-detail = { "  " }{ $detail }
master-log-action = { $action ->
    [client-added] клиент добавлен
    [client-extended] принята оплата
    [news-sent] новость владельцам
    [client-given] подарены дни
    [client-suspended] приостановлен
    [client-resumed] возобновлён
    [client-restarted] перезапущен
    [client-cancelled] отключён
    [client-removed] удалён
    [client-changed] изменены данные
    [client-undone] действие отменено
    [client-token_changed] заменён токен
    [payment-refund_asked] запрошен возврат
    [payment-granted] начислено время
    [payment-dismissed] платёж закрыт
    [payment-reopened] платёж снова ждёт решения
   *[other] { $name }
}

## Новый клиент

master-ask-token =
    ➕ Добавление клиента — шаг 1/4

    🔑 Пришлите токен бота от @BotFather.

    { master-cancel-hint }
master-bad-token =
    ⚠️ Это не похоже на токен: нужны цифры, двоеточие и ещё 35 символов. Пришлите токен ещё раз.

    { master-cancel-hint }
master-token-refused =
    ⚠️ Telegram не принимает этот токен. Пришлите другой.

    { master-cancel-hint }
master-token-unchecked = ⏳ Telegram сейчас не отвечает, токен не проверен. Пришлите его ещё раз через минуту.
master-token-deleted = 🔒 Сообщение с токеном удалено из чата.
master-delete-token = 🔒 Удалите сообщение с токеном из чата.
master-bot-taken =
    ⚠️ Этот бот уже есть у другого клиента. Пришлите токен другого бота.

    { master-cancel-hint }
master-check-later = ⏳ Telegram сейчас не отвечает, токен не проверен. Нажмите «Подтвердить» ещё раз через минуту.
master-ask-owner =
    ✅ Бот найден: @{ $bot }

    👤 Шаг 2/4. Кто владелец? Telegram ID, контакт или пересланное от него сообщение.

    { master-cancel-hint }
master-bad-owner =
    ⚠️ Telegram ID — это положительное число, например 123456789. Владелец узнает его у @userinfobot.

    { master-cancel-hint }
master-owner-hidden =
    ⚠️ Этот человек скрыл себя при пересылке. Нужен его Telegram ID или контакт.

    { master-cancel-hint }
master-owner-no-telegram =
    ⚠️ У этого контакта нет Telegram ID. Нужен ID или пересланное сообщение.

    { master-cancel-hint }
master-ask-company =
    🏢 Шаг 3/4. Название компании?

    { master-cancel-hint }
master-bad-company =
    ⚠️ Название — от 1 до 64 символов в одну строку.

    { master-cancel-hint }
master-ask-days =
    📅 Шаг 4/4. На сколько дней? Выберите или введите число.

    { master-cancel-hint }
master-bad-days =
    ⚠️ Нужно целое число дней от 1 до 3650.

    { master-cancel-hint }
master-confirm-client =
    📋 Проверьте данные

    🏢 Компания: { $company }
    🤖 Бот: @{ $bot }
    👤 Владелец: { $owner }
    📅 Срок: { $length }

    Добавить клиента?
master-client-added =
    ✅ Задача создана!

    🏢 Компания: { $company }
    🆔 ID задачи: { $job }
    📋 Позиция в очереди: { $position }

    ⏳ Запуск обычно занимает минуту. О результате придёт сообщение.
master-progress =
    🏢 { $company }
    🤖 @{ $bot }
    { $stage ->
        [queued] 📋 В очереди: { $job }
        [starting] ⚙️ Запускается, попытка { $attempt } из { $of }
        [retry] ⏳ Попытка { $attempt } из { $of } не удалась, скоро будет следующая
        [running] ✅ Работает
       *[failed] ❌ Не запустился
    }
master-progress-why = ⚠️ Причина: { $why }
master-button-again = 🔄 Запустить снова
master-button-card = 👤 Карточка клиента

## Приём оплаты

master-ask-payer =
    💰 Приём оплаты

    🔍 Введите часть названия компании, имя бота или ID клиента.

    { master-cancel-hint }
master-ask-paid-days =
    { master-card }

    📅 На сколько дней оплата? Выберите или введите число.

    { master-cancel-hint }
master-ask-amount =
    💰 Оплата за { $length }. Сколько получено, в рублях?

    { master-cancel-hint }
master-bad-amount =
    ⚠️ Сумма — это рубли больше нуля, например 299 или 299,50.

    { master-cancel-hint }
master-confirm-payment =
    📋 Проверьте оплату

    🏢 Компания: { $company }
    📅 Срок: { $length }
    💰 Сумма: { $amount }
    ⏰ Подписка станет до { $until }

    Записать?
master-payment-recorded =
    ✅ Оплата принята: { $amount }

    🏢 { $company }
    ⏰ Подписка до { $until }

## Заказы и платежи

master-orders = 🧾 Заказы и платежи
master-button-held = ⚠️ Ждут решения: { $count }
master-button-undelivered = 📦 Оплачено, но не работает: { $count }
master-button-open-orders = 🕓 Открытые заказы: { $count }
master-button-to-orders = ⬅️ К заказам
master-held = ⚠️ Платежи, которые ждут вашего решения: { $count }
master-held-none = ✅ Ни один платёж не ждёт решения.
master-held-button = { $at } — { $amount }: { $why }
master-held-one =
    ⚠️ Платёж ждёт решения: { $why }.

    💵 Сумма: { $amount }
    📅 Когда: { $at }
    💳 Платёж: { $payment }
master-held-order =
    🧾 Заказ: { $order }
    📦 Тариф: { $plan } ({ $length }, { $price })
    🏢 { $company }
    👤 Покупатель: { $buyer }
master-attention = { $why ->
    [paid-twice] заказ оплачен второй раз
    [paid-after-closing] оплачен уже закрытый заказ
    [amount-differs] сумма не совпадает с суммой заказа
    [shop-differs] платёж пришёл не в тот магазин или режим
    [bot-taken] этот бот уже принадлежит другому клиенту
   *[client-gone] клиента, за которого заплатили, больше нет
}
master-button-refund = ↩️ Вернуть деньги
master-button-grant = ✅ Начислить { $length }
master-button-grant-other = 👤 Начислить другому клиенту
master-button-dismiss = 🗂 Закрыть без начисления
master-no-payment = Такого платежа нет.
master-decided = По этому платежу решение уже принято.
master-being-refunded = Деньги по этому платежу уже возвращаются.
master-ask-grantee =
    👤 Кому начислить { $length }? Часть названия, имя бота, ID владельца или клиента.

    { master-cancel-hint }
master-confirm-grant =
    ✅ Начислить время?

    💵 Платёж: { $amount }
    🏢 { $company }
    🤖 @{ $bot }
    📅 Срок: { $length }
    ⏰ Подписка станет до { $until }

    Деньги останутся у нас.
master-confirm-grant-ahead =
    ✅ Начислить время?

    💵 Платёж: { $amount }
    📅 Срок: { $length }
    🤖 Бота у покупателя ещё нет: дни подождут, пока он его подключит.

    Деньги останутся у нас.
master-granted-ahead = ✅ Начислено: { $length }. Дни ждут, пока покупатель подключит бота; ему об этом напишут.
master-granted =
    ✅ Начислено: { $length }

    🏢 { $company }
    ⏰ Подписка до { $until }
master-ask-note =
    🗂 Закрыть платёж { $amount } без начисления? Время не начислится, деньги останутся в магазине.

    Напишите, почему, одной строкой: это останется в журнале.

    { master-cancel-hint }
master-button-dismiss-plain = 🗂 Закрыть без заметки
master-dismissed =
    🗂 Закрыто без начисления: { $amount }
    💳 { $payment }
master-button-reopen = ↩️ Вернуть на решение
master-confirm-refund =
    💸 Вернуть деньги?

    💰 { $amount }
    💳 { $payment }

    ЮKassa вернёт их тем же способом, каким они пришли.
master-button-refund-now = 💸 Да, вернуть
master-refunding =
    💸 Возврат { $amount } отправляется. Сообщим, чем кончилось.

    💳 { $payment }
master-nothing-left = Возвращать нечего: деньги уже возвращены или возвращаются.
master-taken-by-hand = Эта оплата принята вручную, поэтому и вернуть её нужно вручную.
master-refund-needs-receipt = Магазин выдаёт чеки: сделайте возврат в личном кабинете ЮKassa, мы увидим его сами.
master-undelivered = 📦 Оплачено, но бот не работает: { $count }
master-undelivered-none = ✅ Все оплаченные боты работают.
master-without-bot = 🤖 Оплачено, ждём бота от владельца: { $count }
master-without-bot-line = • { $at } — { $company }, покупатель { $buyer }
master-open-orders = 🕓 Открытые заказы: { $count }
master-open-orders-none = 🕓 Открытых заказов нет.
master-order-line = • { $at } — { $what ->
    [new] новый бот
   *[extension] продление
}, { $company }
master-order-detail = { "  " }{ $plan }, { $amount }, { $link ->
    [yes] ссылка выдана
   *[no] ссылки ещё нет
}, до { $until }

## Новости

master-ask-news =
    📣 Что рассказать владельцам? Получателей: { $count }; кто отказался от новостей, не в счёт.

    Напишите о работе сервиса: перерывах, новых возможностях, ценах. Рекламу можно присылать только тем, кто согласился её получать.

    Отменить: /cancel
master-news-nobody = 📣 Рассказать некому: владельцев с работающими ботами, которые хотят новостей, сейчас нет.
master-bad-news =
    ⚠️ Новость — это текст от 1 до { $most } символов. Попробуйте ещё раз.

    Отменить: /cancel
master-confirm-news =
    📣 Получателей: { $count }. Новость будет выглядеть так:

    ——————

    { $text }

    ——————

    Отправить? Отозвать будет нельзя.
master-news-sent = 📣 Новость отправляется, получателей: { $count }
