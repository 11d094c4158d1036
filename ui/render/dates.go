package render

import (
	"image"
	"time"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
)

// dating is the calendar in which a day of a list is chosen.
type dating struct {
	pop   widget.Popover
	month widget.Calendar
	list  string // the list that has days, in the last frame that drew one
	frame uint64
	wants bool
}

// HasDates tells whether the view has a list that can be asked for a day.
func (s *Session) HasDates() bool { return s.dates.list != "" && s.frame-s.dates.frame <= 1 }

// AskDate opens the calendar over the list with the next frame.
func (s *Session) AskDate() { s.dates.wants = s.HasDates() }

// datesOf draws the calendar over a list; a day that was chosen is an action.
func (s *Session) datesOf(gtx C, sc scope, l *list, b *contractv1.List) {
	k := &s.dates
	if !b.GetDates() || sc.compact {
		return
	}
	k.list, k.frame = l.id, s.frame
	if k.wants {
		k.wants = false
		zone := s.th.Zone()
		k.month.Begin(l.dayInSight(zone, gtx.Now), gtx.Now.In(zone))
		k.pop.Width, k.pop.Back, k.pop.First = 290, s.focus.writing, &k.month
		right := l.room.X - gtx.Dp(theme.Space8)
		k.pop.OpenIn(image.Rect(right-gtx.Dp(290), 0, right, gtx.Dp(theme.Space4)), image.Rectangle{Max: image.Pt(l.room.X, 1<<13)})
	}
	if day, ok := k.month.Chosen(gtx); ok {
		k.pop.Close(gtx)
		_ = s.act(sc, l.id, contractv1.Action_DATE, day.Format(time.DateOnly)) // told by Env.Act
		return
	}
	k.pop.Layout(gtx, s.th, func(gtx C) D { return k.month.Layout(gtx, s.th) })
}

// dayInSight is the day of the first message in sight.
func (l *list) dayInSight(zone *time.Location, now time.Time) time.Time {
	for i := max(l.first, 0); i <= l.last && i < len(l.items); i++ {
		if at, ok := messageTime(l.items[i]); ok {
			return at.In(zone)
		}
	}
	return now.In(zone)
}
