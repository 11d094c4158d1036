package widget

import (
	"image"
	"strconv"
	"strings"

	"gioui.org/f32"
	"gioui.org/io/event"
	"gioui.org/io/key"
	"gioui.org/op"

	"switchboard/ui/emoji"
	"switchboard/ui/theme"
)

// Measures of the picker.
const (
	pickColumns = 8
	pickCell    = 36  // dp
	pickHeight  = 252 // dp of the grid
	maxRecent   = 3 * pickColumns
	maxFound    = 200
)

// Keys under which the picker's own state is kept.
const (
	recentEmoji = "emoji.recent"
	toneOfEmoji = "emoji.tone"
)

// EmojiPicker is a popover in which an emoji is chosen: by group, by name in
// English or German, among recent ones, with a skin tone. The keyboard stays in
// the search; arrows move, Enter chooses, Page Up and Page Down go by group, Tab
// reaches the groups and tones.
type EmojiPicker struct {
	// Recall and Remember keep recent emoji and the skin tone; nil forgets them.
	Recall   func(key string) string
	Remember func(key, value string)

	pop     Popover
	search  Input
	list    Scroll
	tabs    []Click
	tones   [emoji.Tones + 1]Click
	clicks  map[int]*Click
	rows    []emojiRow
	cells   []emojiCell
	groups  []emojiTab
	query   string
	marked  int
	tone    int
	german  bool
	chosen  string
	pointer f32.Point
	reveal  bool
	moved   bool // by an arrow, since something was typed: what is marked is read
}

type emojiRow struct {
	heading  string
	from, to int // cells
}

type emojiCell struct{ index, row int }

type emojiTab struct {
	icon, name string
	row        int
}

// Open shows the picker near an anchor; back gets the keyboard afterwards.
func (p *EmojiPicker) Open(anchor image.Rectangle, back event.Tag) {
	p.begin(back)
	p.pop.Open(anchor)
}

// OpenIn is Open for an owner that knows the room there is, in its coordinates.
func (p *EmojiPicker) OpenIn(anchor, room image.Rectangle, back event.Tag) {
	p.begin(back)
	p.pop.OpenIn(anchor, room)
}

// OpenLow is Open for an anchor at the lower edge of the window, which is where it
// lies as long as no pointer has told: a key or a screen reader opened it.
func (p *EmojiPicker) OpenLow(gtx C, th *theme.Theme, anchor image.Rectangle, back event.Tag) {
	if p.pop.at.known && !p.pop.at.guessed || th.Frame.Size == (image.Point{}) {
		p.Open(anchor, back)
		return
	}
	low := th.Frame.Size.Sub(image.Pt(gtx.Constraints.Max.X, anchor.Max.Y+gtx.Dp(theme.Space12)))
	p.OpenIn(anchor, image.Rectangle{Max: th.Frame.Size}.Sub(low), back)
	p.pop.at.guessed = true
}

func (p *EmojiPicker) begin(back event.Tag) {
	p.pop.Width, p.pop.Back, p.pop.First = pickColumns*pickCell+40, back, &p.search.Editor
	p.search.Replace("")
	p.rows, p.cells, p.clicks = nil, nil, map[int]*Click{}
	p.list.Position.First, p.list.Position.Offset = 0, 0
	p.moved = false
	p.tone = p.Tone()
}

// Close hides it.
func (p *EmojiPicker) Close(gtx C) { p.pop.Close(gtx) }

// Tone is the skin tone that was chosen last, 0 for none.
func (p *EmojiPicker) Tone() int {
	if p.Recall == nil {
		return p.tone
	}
	n, err := strconv.Atoi(p.Recall(toneOfEmoji))
	if err != nil || n < 0 || n > emoji.Tones {
		return 0
	}
	return n
}

// Opened tells whether it shows.
func (p *EmojiPicker) Opened() bool { return p.pop.Opened() }

// Track must surround the anchor's drawing, as Popover.Track.
func (p *EmojiPicker) Track(gtx C, th *theme.Theme, w func(gtx C) D) D {
	return p.pop.Track(gtx, th, w)
}

// Chosen takes what was chosen, once; empty when nothing was.
func (p *EmojiPicker) Chosen(gtx C) string {
	p.update(gtx)
	c := p.chosen
	p.chosen = ""
	return c
}

func (p *EmojiPicker) recent() []string {
	if p.Recall == nil {
		return nil
	}
	out := strings.Fields(p.Recall(recentEmoji))
	return out[:min(len(out), maxRecent)]
}

func (p *EmojiPicker) choose(gtx C, cell int) {
	if cell < 0 || cell >= len(p.cells) {
		return
	}
	p.chosen = p.text(cell)
	p.pop.Close(gtx)
	UsedEmoji(p.Recall, p.Remember, p.chosen)
}

// UsedEmoji puts an emoji before the recent ones; with nil functions it does nothing.
func UsedEmoji(recall func(string) string, remember func(string, string), text string) {
	if recall == nil || remember == nil {
		return
	}
	all := []string{text}
	for _, r := range strings.Fields(recall(recentEmoji)) {
		if len(all) < maxRecent && emoji.Find(r) != emoji.Find(text) {
			all = append(all, r)
		}
	}
	remember(recentEmoji, strings.Join(all, " "))
}

// text is the emoji of a cell in the chosen tone.
func (p *EmojiPicker) text(cell int) string {
	return emoji.WithTone(emoji.All()[p.cells[cell].index].Text, p.tone)
}

// build fills rows and cells for what is searched.
func (p *EmojiPicker) build(th *theme.Theme) {
	p.rows, p.cells, p.groups, p.marked, p.reveal, p.moved = nil, nil, nil, 0, true, false
	if p.query != "" {
		p.section("", emoji.Search(p.query, maxFound))
		return
	}
	var recent []int
	for _, r := range p.recent() {
		if i := emoji.Find(r); i >= 0 {
			recent = append(recent, i)
		}
	}
	if len(recent) > 0 {
		name := th.Say.Sprintf("Recently used")
		p.groups = append(p.groups, emojiTab{icon: "\U0001F558", name: name})
		p.section(name, recent)
	}
	for _, g := range emoji.Groups() {
		all := make([]int, 0, g.To-g.From)
		for i := g.From; i < g.To; i++ {
			all = append(all, i)
		}
		name := emojiGroup(th, g.Name)
		p.groups = append(p.groups, emojiTab{icon: emoji.All()[g.From].Text, name: name, row: len(p.rows)})
		p.section(name, all)
	}
}

func (p *EmojiPicker) section(name string, all []int) {
	if name != "" {
		p.rows = append(p.rows, emojiRow{heading: name})
	}
	for len(all) > 0 {
		n := min(len(all), pickColumns)
		for _, i := range all[:n] {
			p.cells = append(p.cells, emojiCell{index: i, row: len(p.rows)})
		}
		p.rows = append(p.rows, emojiRow{from: len(p.cells) - n, to: len(p.cells)})
		all = all[n:]
	}
}

// emojiGroup is the name of a group in the person's language.
func emojiGroup(th *theme.Theme, name string) string {
	switch name {
	case "Smileys & Emotion":
		return th.Say.Sprintf("Smileys and feelings")
	case "People & Body":
		return th.Say.Sprintf("People")
	case "Animals & Nature":
		return th.Say.Sprintf("Animals and nature")
	case "Food & Drink":
		return th.Say.Sprintf("Food and drink")
	case "Travel & Places":
		return th.Say.Sprintf("Travel and places")
	case "Activities":
		return th.Say.Sprintf("Activities")
	case "Objects":
		return th.Say.Sprintf("Objects")
	case "Symbols":
		return th.Say.Sprintf("Symbols")
	}
	return th.Say.Sprintf("Flags")
}

// update takes what was pressed.
func (p *EmojiPicker) update(gtx C) {
	if !p.pop.Opened() {
		return
	}
	ed := &p.search.Editor
	var filters []event.Filter
	for _, n := range []key.Name{key.NameUpArrow, key.NameDownArrow, key.NameLeftArrow, key.NameRightArrow, key.NamePageUp, key.NamePageDown} {
		filters = append(filters, key.Filter{Focus: ed, Name: n})
	}
	for {
		ev, ok := gtx.Event(filters...)
		if !ok {
			break
		}
		if k, ok := ev.(key.Event); ok && k.State == key.Press {
			p.key(k.Name)
			gtx.Execute(op.InvalidateCmd{})
		}
	}
	if p.search.Submitted(gtx) {
		p.choose(gtx, p.marked)
		return
	}
	for cell, c := range p.clicks {
		if c.Clicked(gtx) {
			p.choose(gtx, cell)
			return
		}
	}
	for i := range p.tabs {
		if p.tabs[i].Clicked(gtx) && i < len(p.groups) {
			p.toGroup(i)
			p.search.Focus(gtx)
		}
	}
	for i := range p.tones {
		if p.tones[i].Clicked(gtx) {
			p.tone = i
			if p.Remember != nil {
				p.Remember(toneOfEmoji, strconv.Itoa(i))
			}
		}
	}
}

func (p *EmojiPicker) key(name key.Name) {
	p.reveal, p.moved = true, true
	switch name {
	case key.NameLeftArrow:
		p.marked--
	case key.NameRightArrow:
		p.marked++
	case key.NameUpArrow, key.NameDownArrow:
		p.line(name == key.NameDownArrow)
	case key.NamePageUp, key.NamePageDown:
		p.page(name == key.NamePageDown)
	}
	p.marked = min(max(p.marked, 0), max(len(p.cells)-1, 0))
}

// line goes to the row above or below, in the same column.
func (p *EmojiPicker) line(down bool) {
	if p.marked >= len(p.cells) {
		return
	}
	row := p.cells[p.marked].row
	column := p.marked - p.rows[row].from
	step := -1
	if down {
		step = 1
	}
	for row += step; row >= 0 && row < len(p.rows); row += step {
		if r := p.rows[row]; r.to > r.from {
			p.marked = min(r.from+column, r.to-1)
			return
		}
	}
}

// page goes to the next group or the one before.
func (p *EmojiPicker) page(down bool) {
	if p.marked >= len(p.cells) {
		return
	}
	at := -1
	for i, g := range p.groups {
		if g.row <= p.cells[p.marked].row {
			at = i
		}
	}
	if down {
		at++
	} else {
		at--
	}
	if at >= 0 && at < len(p.groups) {
		p.toGroup(at)
	}
}

func (p *EmojiPicker) toGroup(i int) {
	row := p.groups[i].row
	p.marked, p.reveal = p.rows[row+1].from, true
	p.list.ScrollTo(row)
}
