### The demo's page.
