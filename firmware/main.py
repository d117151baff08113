from firmware import start

start.run()
