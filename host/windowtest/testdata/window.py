# What the scripts beside this one know of the window: its tree, over AT-SPI, and
# the keys of a keyboard.
import subprocess, sys, time
import gi
gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib
import pyatspi

INTERACTIVE = ("push button", "toggle button", "radio button", "check box", "entry", "text", "password text",
               "list item", "menu item", "check menu item", "page tab", "slider", "link")
heard = []  # (event, source's name, text)


keyboard = [None]  # what told last that the keyboard came to it


def on_event(e):
    text = e.any_data if isinstance(e.any_data, str) else ""
    if e.type.strip() == "object:state-changed:focused" and e.detail1:
        keyboard[0] = e.source
    try:
        heard.append((e.type.strip(), e.source.name, text))
    except Exception:
        pass  # what it is about has gone already


def pump(seconds=0.02):
    end = time.time() + seconds
    while True:
        while GLib.MainContext.default().iteration(False):
            pass
        if time.time() > end:
            return
        time.sleep(0.01)


def until(what, ok, patience=30):
    end = time.time() + patience
    while time.time() < end:
        pump()
        try:
            r = ok()
        except Exception:
            r = None  # the tree changed under the reader
        if r:
            return r
    print("TREE", file=sys.stderr)
    for n in walk():
        print(n.getRoleName(), repr(n.name), file=sys.stderr)
    print("HEARD", heard[-40:], file=sys.stderr)
    sys.exit("in vain for " + what)


def step(text):
    print(text, flush=True)


def app():
    for a in pyatspi.Registry.getDesktop(0):
        if a and a.name == "Switchboard":
            return a


def walk(n=None, depth=0):
    n = n or app().getChildAtIndex(0)
    yield n
    if depth > 60:
        return
    for i in range(n.childCount):
        c = n.getChildAtIndex(i)
        if c:
            yield from walk(c, depth + 1)


def find(role, name, exact=False):
    def look():
        for n in walk():
            if n.getRoleName() == role and (n.name == name if exact else n.name.startswith(name)):
                return n
    return until("%s %r" % (role, name), look)


def message(name):
    """A message in the transcript, the last whose words begin like that."""
    def look():
        found = [n for n in walk(find("list", "Messages")) if n.getRoleName() == "list item" and n.name.startswith(name)]
        return found and found[-1]
    return until("a message %r" % name, look)


def has(n, state):
    return n.getState().contains(state)


def press(role, name, exact=False):
    n = find(role, name, exact)
    until("%r to be usable" % name, lambda: has(n, pyatspi.STATE_SENSITIVE) and n.queryAction().nActions > 0)
    n.queryAction().doAction(0)
    pump(0.1)


def focused():
    try:
        if keyboard[0] and has(keyboard[0], pyatspi.STATE_FOCUSED):
            return keyboard[0]
    except Exception:
        pass  # it has gone
    for n in walk():
        if has(n, pyatspi.STATE_FOCUSED):
            return n


def key(*keys):
    subprocess.run(["xdotool", "key", *keys], check=True, timeout=20)
    pump(0.15)


def write(text):
    subprocess.run(["xdotool", "type", "--delay", "12", text], check=True, timeout=60)
    pump(0.2)


def text_of(n):
    return n.queryText().getText(0, -1)


def checked_page(page):
    def look():  # a page that was left a moment ago may go while its tree is read
        return [(n.getRoleName(), n.name.strip()) for n in walk() if n.getRoleName() in INTERACTIVE]
    controls = until("the controls of " + page, look)
    nameless = [role for role, name in controls if not name]
    if nameless:
        sys.exit("%s: without a name: %s" % (page, nameless))
    if len(controls) < 2:
        sys.exit("%s: only %d controls" % (page, len(controls)))


pyatspi.Registry.registerEventListener(on_event, "object:announcement", "object:state-changed:focused",
                                       "object:text-changed", "object:text-caret-moved", "object:children-changed", "window:activate")

