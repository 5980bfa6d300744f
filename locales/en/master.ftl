### The Master Bot.
