# A person with a screen reader and a keyboard: signs in, finds somebody, reads
# and answers. All that it knows of the window comes over AT-SPI; all that it does
# is an AT-SPI action or a key. One line on standard output for each step.
import re
from window import *

WINDOW = sys.argv[1]

# Sign in.
frame = until("the window", lambda: app() and app().childCount and app().getChildAtIndex(0))
until("the frame to be active", lambda: frame.getRoleName() == "frame" and has(frame, pyatspi.STATE_ACTIVE))
name = until("the keyboard in the field for my name", lambda: focused() and focused().getRoleName() == "entry" and focused())
write("Alice Ferrari")
until("my name", lambda: text_of(name) == "Alice Ferrari" and name.queryText().caretOffset == 13)
checked_page("first run")
press("push button", "Continue")
press("push button", "Just try it on this computer")
checked_page("ways")
press("push button", "Start")
step("signed in")

# Find somebody.
find("push button", "Talk to Echo")
press("push button", "Talk to Echo")
row = find("list item", "Echo")
until("the row of Echo to be selected", lambda: has(find("list item", "Echo"), pyatspi.STATE_SELECTED))
attributes = dict(a.split(":", 1) for a in find("list item", "Echo").getAttributes())
if attributes.get("posinset") != "1" or attributes.get("setsize") not in ("1", "2"):
    sys.exit("the row is at %s" % attributes)
if find("list", "Conversations").querySelection().nSelectedChildren != 1:
    sys.exit("not one conversation is selected")
step("found Echo")

# Write, with the keyboard, and read it back.
composer = find("text", "Message Echo")
until("the keyboard in the composer", lambda: has(find("text", "Message Echo"), pyatspi.STATE_FOCUSED))
write("Hello from a reader")
until("what was typed", lambda: text_of(composer) == "Hello from a reader")
text = composer.queryText()
until("the caret at the end", lambda: text.caretOffset == 19)
word = text.getTextAtOffset(7, pyatspi.TEXT_BOUNDARY_WORD_START)
if word[0] != "from ":
    sys.exit("the word at 7 is %r" % (word,))
text.setCaretOffset(5)
until("the caret after Hello", lambda: text.caretOffset == 5)
write(",")
until("the comma", lambda: text_of(composer) == "Hello, from a reader")
key("shift+Home")
until("a selection", lambda: text.getNSelections() == 1 and text.getSelection(0) == (0, 6))
key("End")
composer.queryEditableText().insertText(20, "!", 1)
until("what was inserted", lambda: text_of(composer) == "Hello, from a reader!")
key("Return")
step("wrote")

# Hear the answer and read it again.
until("the answer to be announced", lambda: [h for h in heard if h[0].startswith("object:announcement") and h[2].startswith("Echo: Hello, from a reader!")])
message("Alice")
until("the answer in the transcript", lambda: "Hello, from a reader!" in message("Echo, ").name)
answer = message("Echo, ")
kinds = {h[0].split(":")[1] for h in heard}
for wanted in ("text-changed", "text-caret-moved", "children-changed"):
    if wanted not in kinds:
        sys.exit("no event %s among %s" % (wanted, sorted(kinds)))
actions = answer.queryAction()
names = [actions.getName(i) for i in range(actions.nActions)]
if "Reply" not in names:
    sys.exit("a message can be %s" % names)
answer.queryComponent().grabFocus()
until("the keyboard on the answer", lambda: "Hello" in focused().name and focused().name.startswith("Echo, "))
step("read the answer")
actions.doAction(names.index("Reply"))
pump(0.5)
find("text", "Message Echo").queryComponent().grabFocus()
until("the keyboard in the composer", lambda: has(find("text", "Message Echo"), pyatspi.STATE_FOCUSED))
write("I can hear you")
key("Return")
until("the answer to be announced", lambda: [h for h in heard if h[0].startswith("object:announcement") and h[2].startswith("Echo: I can hear you")])
step("answered")

# The bar over a message, the emoji and the calendar.
def position(n):
    attributes = dict(a.split(":", 1) for a in n.getAttributes())
    return int(attributes.get("posinset", 0)), int(attributes.get("setsize", 0))


message("Echo, ").queryComponent().grabFocus()
bar = find("panel", "Reactions")
offered = [n.name for n in walk(bar) if n.getRoleName() == "push button"]
if "React with thumbs up" not in offered or "Another reaction" not in offered or not all(offered):
    sys.exit("the bar offers %s" % offered)
press("push button", "React with thumbs up")
chip = find("push button", "thumbs up 1")
until("my reaction to be chosen", lambda: has(find("push button", "thumbs up 1"), pyatspi.STATE_SELECTED))
step("reacted")

press("push button", "Emoji", True)
until("the keyboard in the search", lambda: focused().getRoleName() == "entry" and focused().name == "Search emoji")
grid = find("list", "Emoji", True)
cells = [n for n in walk(grid) if n.getRoleName() == "list item"]
if not cells or not all(n.name for n in cells) or position(cells[0])[0] != 1 or position(cells[0])[1] < 1000:
    sys.exit("the grid begins with %s" % [(n.name, position(n)) for n in cells[:3]])
if [position(n)[0] for n in cells] != list(range(1, len(cells) + 1)):
    sys.exit("the places are %s" % [position(n)[0] for n in cells])
if len([n for n in walk() if n.getRoleName() == "page tab" and n.name]) < 8 or len([n for n in walk(find("panel", "Skin tone")) if n.getRoleName() == "radio button" and n.name]) != 6:
    sys.exit("groups or skin tones are missing")
key("Right")
until("the second one to have the keyboard", lambda: focused().getRoleName() == "list item" and position(focused())[0] == 2 and has(focused(), pyatspi.STATE_SELECTED))
write("cat")
until("the keyboard back in the search", lambda: focused().getRoleName() == "entry")
until("what was found", lambda: "cat" in [n for n in walk(find("list", "Emoji", True)) if n.getRoleName() == "list item"][0].name)
key("Escape")
until("the picker to be gone", lambda: not [n for n in walk() if n.getRoleName() == "entry" and n.name == "Search emoji"])
step("emoji")

press("push button", "More", True)
press("menu item", "Jump to date")
find("calendar", time.strftime("%B %Y"))
today = until("today to have the keyboard", lambda: focused().name.endswith(", today") and focused())
if today.name != time.strftime("%A, ") + str(time.localtime().tm_mday) + time.strftime(" %B %Y, today") or not has(today, pyatspi.STATE_SELECTED):
    sys.exit("today is %r" % today.name)
key("Left")
until("the day before", lambda: focused().name and not focused().name.endswith("today") and has(focused(), pyatspi.STATE_SELECTED) and focused().getRoleName() == "push button")
checked_page("calendar")
later = [n for n in walk() if n.name.endswith(", no messages")]
if [n for n in later if has(n, pyatspi.STATE_SENSITIVE)]:
    sys.exit("a day to come can be chosen")
key("Escape")
until("the calendar to be gone", lambda: not [n for n in walk() if n.getRoleName() == "calendar"])
step("calendar")

# Where it is.
x, y, w, h = until("the place of the window", lambda: tuple(find("frame", "").queryComponent().getExtents(0)))
info = subprocess.run(["xwininfo", "-id", WINDOW], capture_output=True, text=True, check=True, timeout=20).stdout
geometry = tuple(int(re.search(what + r":\s*(-?\d+)", info).group(1)) for what in ("Absolute upper-left X", "Absolute upper-left Y", "Width", "Height"))
if (x, y, w, h) != geometry:
    sys.exit("the window is at %s, not %s" % ((x, y, w, h), geometry))
c = find("text", "Message Echo")
b = c.queryComponent().getExtents(0)
there = find("frame", "").queryComponent().getAccessibleAtPoint(b.x + 3, b.y + b.height // 2, 0)
if there.name != c.name:
    sys.exit("at the composer lies %r" % there.name)
step("places fit")

# A dialog keeps the keyboard until it is answered.
key("ctrl+q")
dialog = find("dialog", "")
if not dialog.name or not has(dialog, pyatspi.STATE_MODAL):
    sys.exit("the dialog is %r" % dialog.name)
for _ in range(5):
    key("Tab")
    n = until("the keyboard somewhere", focused)
    while n and n.getRoleName() != "dialog":
        n = n.parent if n.getRoleName() != "application" else None
    if not n:
        sys.exit("the keyboard left the dialog")
key("Escape")
until("the dialog to be gone", lambda: not [n for n in walk() if n.getRoleName() == "dialog"])
until("the keyboard back in the composer", lambda: has(find("text", "Message Echo"), pyatspi.STATE_FOCUSED))
step("dialog")

# Every page.
press("push button", "Settings", True)
pages = until("the pages", lambda: [n.name for n in walk() if n.getRoleName() == "push button" and n.name in (
    "Me", "Appearance", "Alerts and sounds", "Conversations", "Network", "Privacy", "Devices", "Plugins", "Keys", "Keyboard shortcuts", "About")])
toggles = 0
for page in pages:
    press("push button", page, True)
    pump(0.3)
    checked_page(page)
    toggles += sum(1 for n in walk() if n.getRoleName() == "toggle button" and has(n, pyatspi.STATE_CHECKABLE))
if len(pages) < 6 or toggles < 4:
    sys.exit("%d pages with %d switches" % (len(pages), toggles))
step("%d pages" % len(pages))
press("push button", "Appearance", True)
motion = [n for n in walk() if n.getRoleName() == "toggle button"][0]
before = has(motion, pyatspi.STATE_CHECKED)
motion.queryAction().doAction(0)
until("%r to change" % motion.name, lambda: has(motion, pyatspi.STATE_CHECKED) != before)
key("Escape")
step("done")
