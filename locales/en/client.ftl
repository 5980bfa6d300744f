### A client's bot.
