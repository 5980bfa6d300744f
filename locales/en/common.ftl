### What several parts need.

common-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
common-payment-description = Subscription “{ $plan }”, { $length }
common-refund-description = Refund by the operator's decision

## Days and times

common-weekday = { $day ->
    [mon] Monday
    [tue] Tuesday
    [wed] Wednesday
    [thu] Thursday
    [fri] Friday
    [sat] Saturday
   *[sun] Sunday
}
common-weekday-short = { $day ->
    [mon] Mon
    [tue] Tue
    [wed] Wed
    [thu] Thu
    [fri] Fri
    [sat] Sat
   *[sun] Sun
}
common-day-of-month = { $day } { $month ->
    [jan] January
    [feb] February
    [mar] March
    [apr] April
    [may] May
    [jun] June
    [jul] July
    [aug] August
    [sep] September
    [oct] October
    [nov] November
   *[dec] December
}
common-distance = { $days ->
    [0] today
    [1] tomorrow
    [one] in { $days } day
   *[other] in { $days } days
}
common-hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
}
common-length-minutes = { $minutes } min
common-length-hours = { $hours } h
common-length = { $hours } h { $minutes } min
