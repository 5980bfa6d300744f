### Что говорит бот клиента: его покупателям и его владельцу.

## Меню покупателя

client-menu-book = 📅 Записаться
client-menu-mine = 📋 Мои записи
client-menu-about = ℹ️ О сервисе

## Покупателю

client-apology = Извините, что-то пошло не так. Пожалуйста, попробуйте ещё раз: /start
client-not-understood = Не понял вас. Выберите, пожалуйста, пункт меню ниже.
client-stale-button = Эта кнопка устарела. Начните, пожалуйста, заново: /start
client-not-a-choice = Здесь записаться нельзя, выберите другой вариант.
client-stopped = Хорошо, остановились. Выберите пункт меню.
client-greeting =
    Здравствуйте! Это бот записи { QUOTED($company) }.

    Здесь можно выбрать удобное время и записаться, посмотреть свои записи и отменить их. Чем могу помочь?
client-about =
    { QUOTED($company) }

    { $services }

    • Напомним о визите за 24 часа и за 2 часа.
    • Отменить запись можно не позднее чем за { $hours }.
    • Одновременно можно иметь { $visits ->
        [one] { $visits } запись
        [few] { $visits } записи
       *[many] { $visits } записей
    }.
client-about-nothing = Услуг пока нет.
client-offer = { $name } — { $length }
client-offer-priced = { $name } — { $length }, { $price }
client-choose-service = Выберите услугу:
client-no-services = Сейчас записаться нельзя: нет доступных услуг. Загляните, пожалуйста, позже.
client-service-gone = Эта услуга больше не предлагается. Выберите, пожалуйста, другую:
client-slot-taken = К сожалению, это время только что заняли. Выберите, пожалуйста, другое.
client-in-the-past = Это время уже прошло. Выберите, пожалуйста, другое.
client-not-open = На это время записи нет. Выберите, пожалуйста, другое.
client-not-booked = Хорошо, ничего не записываем. Захотите записаться — нажмите «{ client-menu-book }».
client-choose-day =
    { $offer }

    Выберите день:
client-choose-time =
    { $offer }
    { $day }

    Выберите время:
client-day-full =
    { $offer }
    { $day }

    Свободного времени нет. Выберите другой день.
client-day-few-left = { $day } · осталось { $free }
client-day-no-room = { $day } · мест нет
client-day-closed = { $day } · выходной
client-check =
    Проверьте, всё ли верно:

    { $card }
client-card =
    Услуга: { $name }
    Когда: { $when }
    Длительность: { $length }
client-card-priced =
    { client-card }
    Стоимость: { $price }
client-booked =
    ✅ Вы записаны!

    { $card }

    { $cancelling }
client-may-cancel = Отменить запись можно не позднее чем за { $hours }.
client-may-not-cancel = Если планы изменятся, свяжитесь, пожалуйста, с администратором: до визита осталось слишком мало времени, чтобы отменить его здесь.
client-too-many =
    У вас уже { $visits ->
        [one] { $visits } предстоящая запись
        [few] { $visits } предстоящие записи
       *[many] { $visits } предстоящих записей
    }, больше одновременно нельзя. Отмените одну из них в «{ client-menu-mine }» или дождитесь визита.
client-my-visits =
    Ваши записи:

    { $visits }
client-visit-line =
    { $number }. { $offer }
    { "    " }{ $when } ({ $away })
client-no-visits = У вас нет предстоящих записей. Чтобы записаться, нажмите «{ client-menu-book }».
client-cancel-question =
    Отменить эту запись?

    { $card }
client-cancelled =
    Запись отменена.

    { $card }
client-too-late = До визита ({ $when }) осталось меньше чем { $hours }, поэтому отменить его здесь уже нельзя. Свяжитесь, пожалуйста, с администратором.
client-no-such-visit = Такой записи у вас нет.
client-already-cancelled = Эта запись уже отменена.
client-visit-begun = Этот визит уже начался или прошёл, отменить его нельзя.
client-reminder =
    🔔 Напоминаем: { $away } в { $time } ждём вас в { QUOTED($company) }.

    { $card }
client-paused = Бот временно приостановлен, запись сейчас недоступна. Приносим извинения! Ваши записи сохранены, и мы напомним о них.
client-unnamed = без имени

## Кнопки покупателя

client-button-confirm = ✅ Подтвердить
client-button-other-time = 🕘 Другое время
client-button-other-day = 📅 Другой день
client-button-other-service = 💼 Другая услуга
client-button-stop = ✖️ Не записываться
client-button-earlier = ◀️ Раньше
client-button-later = Позже ▶️
client-button-cancel = ❌ Отменить { $number }: { $when }
client-button-cancel-sure = ❌ Да, отменить
client-button-keep = ↩️ Оставить

## Меню владельца

client-menu-today = 📆 Сегодня
client-menu-next = 🗓 Ближайшие записи
client-menu-services = 💼 Услуги
client-menu-hours = 🕘 Часы работы

## Владельцу

client-owner-menu =
    { QUOTED($company) }: управление записью.

    Ссылка для клиентов: https://t.me/{ $bot }
    🌐 Language: /language
client-owner-set-up-hours =
    Здравствуйте! Это бот записи { QUOTED($company) }, и он уже принимает клиентов. Настроим его за минуту.

    Шаг 1 из 2. { client-owner-hours }
client-owner-hours =
    Рабочие дни и часы: { $week }.
    Часовой пояс: { $zone }.

    Нажмите на день, чтобы сделать его рабочим или выходным. Уже сделанные записи не изменятся.
client-owner-hours-kept = Часы работы сохранены: { $week }.
client-owner-no-working-days = рабочих дней нет, записаться нельзя
client-owner-set-up-service =
    Шаг 2 из 2. Услуги. Сейчас клиенты могут записаться так:

    { $services }

    Добавьте свою первую услугу — она заменит эту — или оставьте как есть.
client-owner-set-up-done =
    🎉 Готово! Бот принимает записи.

    { $services }
    { $week }

    Ссылка для клиентов: https://t.me/{ $bot }
    О каждой записи и отмене вы узнаете здесь.
client-owner-services =
    Ваши услуги:

    { $services }
client-owner-ask-name = Как называется услуга? Напишите название, до 64 символов. Отменить: /cancel
client-owner-bad-name = Название — это одна строка текста, от 1 до 64 символов. Попробуйте ещё раз.
client-owner-ask-length = Сколько минут она длится? Выберите или напишите число от 5 до 720.
client-owner-bad-length = Длительность — это число минут от 5 до 720, например 45. Попробуйте ещё раз.
client-owner-ask-price = Сколько она стоит в рублях? Напишите число, например 1500.
client-owner-bad-price = Цена — это число рублей, например 1500 или 990.50. Попробуйте ещё раз.
client-owner-remove-question = Убрать { QUOTED($offer) } из списка? Уже сделанные записи останутся.
client-owner-service-added = Добавлено: { $offer }
client-owner-service-removed = Убрано: { QUOTED($name) }. Клиенты больше не могут на неё записаться.
client-owner-last-service = Это единственная услуга: без неё никто не сможет записаться. Сначала добавьте другую.
client-owner-no-such-service = Такой услуги в списке уже нет.
client-owner-too-many-services =
    В списке уже { $count ->
        [one] { $count } услуга
        [few] { $count } услуги
       *[many] { $count } услуг
    }, больше нельзя. Уберите сначала лишнюю.
client-owner-nobody = Предстоящих записей нет.
client-owner-nobody-today = На сегодня записей больше нет.
client-owner-not-yours = Эта кнопка только для владельца.
client-owner-news =
    { $news ->
        [booked] 🆕 Новая запись
       *[cancelled] ❌ Клиент отменил запись
    }

    { $card }
    Клиент: { $customer }
client-owner-paused =
    ⏸ Бот { QUOTED($company) } приостановлен: оплаченное время закончилось. { client-owner-meanwhile }

    { $sales ->
        [none] Продлите подписку в боте, где вы её покупали, — и запись сразу заработает снова.
       *[other] Продлите подписку — и запись сразу заработает снова: { $sales }
    }
client-owner-paused-by-operator =
    ⏸ Бот { QUOTED($company) } приостановлен оператором: о причине можно узнать в поддержке. { client-owner-meanwhile }
client-owner-meanwhile = Клиенты видят, что запись временно недоступна, и получают напоминания об уже сделанных записях; все данные сохранены.
client-owner-questions = Вопросы: { $support }
client-owner-language = На каком языке говорить боту — с вами и с клиентами?
client-owner-language-kept = Готово: бот говорит по-русски.

## Кнопки владельца

client-button-go-on = Дальше ▶️
client-button-done = ✅ Готово
client-button-add-service = ➕ Добавить услугу
client-button-keep-usual = Оставить как есть
client-button-back = ↩️ Назад
client-button-remove = 🗑 Убрать { QUOTED($name) }
client-button-remove-sure = 🗑 Да, убрать
client-button-no-price = Без цены
client-button-usual-name = Назвать { QUOTED($name) }
client-button-opens = с { $time }
client-button-closes = до { $time }
client-button-pay = 💳 Продлить подписку
