# What a person sets is one thing in the window and on the command line: both show
# what holds after the first run, and what either changes the other shows.
from window import *

COMMAND = sys.argv[2:] + ["settings"]


def told(key):
    out = subprocess.run(COMMAND + ["list"], check=True, capture_output=True, text=True, timeout=30).stdout
    return dict(line.split(" = ", 1) for line in out.splitlines())[key].strip()


def command(key, value):
    subprocess.run(COMMAND + ["set", key, value], check=True, capture_output=True, timeout=30)


def switch(name):
    return find("toggle button", name, True)


def is_on(name, want):
    until("%r to be %s" % (name, want), lambda: has(switch(name), pyatspi.STATE_CHECKED) == want)


def tells(key, want):
    until("the command to say %s = %s" % (key, want), lambda: told(key) == want)


def show(name):
    """Finds a setting as a person does: rows out of sight are not in the tree."""
    find("entry", "Search settings").queryEditableText().setTextContents(name)
    pump(0.1)


SWITCHES = [
    ("Keep running when the window is closed", "startup.background"),
    ("Show me as away", "presence.away"),
    ("New messages", "alerts.message"),
    ("Sounds", "sounds.on"),
    ("Show graphics (emoticons)", "plugin.im.emoticons"),
]

key("Escape")
key("Escape")
press("push button", "Settings", True)
for name, k in SWITCHES:
    show("Silent in quiet hours" if name == "Sounds" else name)  # the word alone finds all of its page
    tells(k, "true")
    is_on(name, True)
    command(k, "false")
    is_on(name, False)
    switch(name).queryAction().doAction(0)
    tells(k, "true")
    is_on(name, True)
step("switches")

# It is asked at the first run, and shows what is so: not before it was answered.
start = "Start when I sign in"
show(start)
before = told("startup.run")
is_on(start, before == "true")
for want in ("true", "false") if before == "false" else ("false", "true"):
    command("startup.run", want)
    is_on(start, want == "true")
switch(start).queryAction().doAction(0)
tells("startup.run", "true" if before == "false" else "false")
step("start")

show("Away after")
minutes = find("entry", "Away after")
if told("presence.away_minutes") != "5" or text_of(minutes) != "5":
    sys.exit("away after %s and %s minutes" % (told("presence.away_minutes"), text_of(minutes)))
command("presence.away_minutes", "12")
until("12 minutes in the window", lambda: text_of(find("entry", "Away after")) == "12")
step("minutes")

show("Contacts come online")
if told("alerts.online") != "all":
    sys.exit("contacts who come online: %s" % told("alerts.online"))
find("push button", "Contacts come online: Tell me of everybody")
command("alerts.online", "chosen")
find("push button", "Contacts come online: Only whom I chose")
show("")
key("Escape")
step("done")
