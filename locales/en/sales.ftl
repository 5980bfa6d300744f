### The Sales Bot.
