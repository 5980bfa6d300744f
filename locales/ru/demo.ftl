### Страница демонстрации.

demo-title = Slotbox: бизнес на ботах за пять минут
demo-tag = демо
demo-lost = Нет связи с демо. Если оно остановлено, запустите его снова: slotbox demo
demo-ok = Понятно

## Люди

demo-people = Чей телефон показать
demo-operator-name = Иван
demo-owner-name = Ольга
demo-customer-name = Анна
demo-operator = оператор
demo-owner = хозяйка салона
demo-customer = её клиентка
demo-chats = Чаты
demo-no-chats = { $name } ждёт. Как только бот Ольги заработает, здесь появится его чат.
demo-unread = непрочитанных: { $count }

## Чат

demo-talk = Разговор с ботом { $bot }
demo-not-started = Здесь пока пусто. Нажмите «Начать», и бот ответит.
demo-start = Начать
demo-unblock = Разблокировать бота
demo-typing = печатает…
demo-deleted = сообщение удалено
demo-edited = изменено
demo-sent = отправлено, бот ещё не забрал
demo-taken = бот получил
demo-write = Сообщение
demo-write-to = Сообщение боту { $bot }
demo-send = Отправить
demo-commands = Команды бота
demo-keyboard = Клавиатура бота
demo-father = сделает бота в учебном Telegram и сразу пришлёт его токен сюда.
demo-father-name = Имя
demo-father-username = Адрес
demo-father-make = Создать бота и отправить токен
demo-first-bot = Салон Ольги
demo-second-bot = Студия бровей
demo-third-bot = Стоматология «Улыбка»
demo-other-bot = Мой бизнес

## Часы

demo-day = { $day } { $month ->
    [1] января
    [2] февраля
    [3] марта
    [4] апреля
    [5] мая
    [6] июня
    [7] июля
    [8] августа
    [9] сентября
    [10] октября
    [11] ноября
   *[12] декабря
}
demo-long-day = { $weekday ->
    [1] понедельник
    [2] вторник
    [3] среда
    [4] четверг
    [5] пятница
    [6] суббота
   *[7] воскресенье
}, { $day }
demo-clock-label = Передвинуть часы этого мира
demo-clock-hour = +1 час
demo-clock-day = +1 день
demo-clock-month = +30 дней
demo-clock-next = До напоминания
demo-clock-nothing = Напоминать пока не о чем
demo-clock-visit = К напоминанию о визите: { $at }
demo-clock-warning = К предупреждению о конце подписки: { $at }

## Пять шагов

demo-guide = Что попробовать
demo-guide-done = (сделано)
demo-step-try = Купите бота
demo-step-pay = Оплатите
demo-step-book = Запишитесь
demo-step-clock = Сдвиньте часы
demo-step-break = Сломайте что-нибудь
demo-hint-start = Вы — Ольга, хозяйка салона. Нажмите «Начать» в её телефоне.
demo-hint-buy = Выберите в чате Ольги тариф и ответьте на вопросы бота.
demo-hint-token = Бот просит токен. Его выдаёт BotFather: нажмите кнопку под чатом Ольги.
demo-hint-pay = Нажмите «Оплатить» в чате Ольги и заплатите тестовой картой.
demo-hint-deploy = Бот запускается. Через пару секунд он появится у Ольги и у Анны.
demo-hint-customer = Теперь вы — Анна, клиентка салона. Нажмите «Начать» в её телефоне.
demo-hint-book = Запишите Анну на любой свободный час. Ольга узнает об этом сразу.
demo-hint-clock = Нажмите «До напоминания» вверху: Анне напомнят о визите.
demo-hint-break = Убейте процесс бота или остановите ЮKassa. Посмотрите, как всё починится.
demo-hint-killed = Процесса больше нет. Смотрите на список клиентов: он поднимется сам.
demo-hint-mend = Верните сломанное на место и посмотрите, как всё догонит само.
demo-hint-over = Всё пройдено. Загляните к Ивану или купите второго бота.

## Панель

demo-world = Что происходит
demo-world-short = Мир
demo-clients = Клиенты
demo-no-clients = Пока никто ничего не купил.
demo-jobs = задачи: { $busy } в работе, { $waiting } отложено{ $dead ->
    [0] { "" }
   *[other] , { $dead } брошено
}
demo-until = до { $date }
demo-runs = работает, процесс { $pid }
demo-healed = поднялся сам: процесс { $was } → { $pid }
demo-down = процесс упал, запускается снова…
demo-starts = запускается…
demo-off = не запущен
demo-kill = Убить
demo-kill-title = Послать процессу бота SIGKILL
demo-state-trial = пробный период
demo-state-active = оплачен
demo-state-grace = льготные дни
demo-state-suspended = приостановлен
demo-state-cancelled = отключён
demo-state-archived = в архиве
demo-money = Деньги
demo-money-note = { $count ->
    [one] { $count } платёж
    [few] { $count } платежа
   *[many] { $count } платежей
}
demo-no-money = Платежей ещё не было.
demo-order-open = ждёт оплаты
demo-order-canceled = отменён
demo-order-expired = истёк
demo-attention = решает оператор
demo-settled = зачтён, { $days }
demo-refunded = возвращён, { $days }
demo-by-hand = вручную
demo-faults = Поломки
demo-faults-note = всё чинится само
demo-telegram = Telegram
demo-telegram-up = отвечает
demo-telegram-down = не отвечает
demo-shop = ЮKassa
demo-shop-up = отвечает
demo-shop-down = не отвечает
demo-limits = Лимиты
demo-limits-usual = обычные
demo-limits-strict = очень строгие
demo-notice = Уведомление
demo-notice-note = потерять следующее
demo-notice-armed = { $count ->
    [one] потеряется следующее
    [few] потеряются следующие { $count }
   *[many] потеряются следующие { $count }
}
demo-journal = Журнал
demo-journal-of = Чьи записи показать
demo-journal-all = Все записи
demo-api = API и сайт: { $url }
