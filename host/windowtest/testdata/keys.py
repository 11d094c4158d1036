# The shortcuts on keyboards whose letters are not Latin. Keys are pressed by their
# place, as a hand does; what came of it is read over AT-SPI.
from window import *

K, F, G, B, I, E, A, C, V, X, COMMA = "45", "41", "42", "56", "31", "26", "38", "54", "55", "53", "59"


def composer():
    return find("text", "Message Echo")


def at(name):
    until("the keyboard at %r" % name, lambda: focused() and focused().name.startswith(name))


def home():
    key("Escape")
    key("Escape")
    composer().queryComponent().grabFocus()
    at("Message Echo")


def written(want):
    until("the text %r" % want, lambda: text_of(composer()) == want)


for layout in ("ru", "gr"):
    subprocess.run(["setxkbmap", layout], check=True, timeout=20)
    pump(0.5)
    home()
    composer().queryEditableText().setTextContents("one")
    written("one")
    key("ctrl+" + A)
    until("all of it selected", lambda: composer().queryText().getNSelections() == 1)
    key("ctrl+" + C)
    key("End")
    key("ctrl+" + V)
    written("oneone")
    key("ctrl+" + A)
    key("ctrl+" + X)
    written("")
    key("ctrl+" + V)
    written("oneone")
    for place, mark in ((B, "*"), (I, "_"), (E, "`")) if layout == "ru" else ((B, "*"),):
        composer().queryEditableText().setTextContents("bold")
        written("bold")
        key("ctrl+" + A)
        key("ctrl+" + place)
        written(mark + "bold" + mark)
    composer().queryEditableText().setTextContents("")
    written("")
    key("ctrl+" + K)
    at("Search people")
    key("F6")
    at("Message Echo")
    key("F6")
    at("Echo, ")  # the list
    key("shift+F6")
    at("Message Echo")
    key("ctrl+" + F)
    until("the line that finds", lambda: focused().getRoleName() == "entry" and "Find" in focused().name)
    home()
    if layout == "gr":  # the rest goes by the same table of places
        step(layout)
        continue
    key("ctrl+shift+" + F)
    until("the page that searches", lambda: focused().getRoleName() == "entry" and "earch" in focused().name and not focused().name.startswith("Search people"))
    home()
    key("ctrl+" + G)
    until("the days", lambda: [n for n in walk() if n.getRoleName() == "push button" and ", 28 " in n.name])
    home()
    key("ctrl+" + COMMA)
    find("push button", "Appearance", True)
    home()
    step(layout)
subprocess.run(["setxkbmap", "us"], check=True, timeout=20)
step("done")
