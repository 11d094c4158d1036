# Somebody with a screen reader closes the window to the tray and opens it again:
# its tree goes and comes back, and what belonged to the window that is gone cannot
# be read any more. A command line is what opens it.
from window import *

OPEN = sys.argv[2:]

for n in range(4):
    frame = until("the window", lambda: app() and app().childCount and app().getChildAtIndex(0))
    until("the window in front", lambda: has(app().getChildAtIndex(0), pyatspi.STATE_ACTIVE))
    find("list", "Conversations")
    find("text", "Message Echo")
    mine = [a for a in pyatspi.Registry.getDesktop(0) if a and a.name == "Switchboard"]
    if len(mine) != 1:
        sys.exit("%d windows are there" % len(mine))
    checked_page("window %d" % n)
    names = {x.name for x in walk()}
    key("alt+F4")
    if n == 0:
        time.sleep(1)  # the question takes no answer before it can be read
        key("Return")
    until("the tree to be gone", lambda: not app())
    try:
        frame.clear_cache()
        stale = frame.getState().contains(pyatspi.STATE_SHOWING)
    except Exception:
        stale = False
    if stale:
        sys.exit("the window that is closed still shows")
    step("closed %d" % n)
    pump(0.3)
    subprocess.run(OPEN, check=True, timeout=30)
until("the window", lambda: app() and app().childCount)
find("text", "Message Echo")
key("alt+F4")
until("the tree to be gone", lambda: not app())
step("done")
