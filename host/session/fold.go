package session

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"

	contractv1 "switchboard/shared/contract/v1"
)

// MaxOffersOpen is how many sessions one person may have open in a conversation.
// It is part of the fold: all hosts ignore the same offers.
const MaxOffersOpen = 16

// maxSeats bounds the people that a fold remembers.
const maxSeats = 1024

// Over says how a session's life came to its end; empty while it lives.
type Over string

// The ends of a session.
const (
	OverEnded     Over = "ended"
	OverCancelled Over = "cancelled"
	OverDeclined  Over = "declined"
	OverTimedOut  Over = "timed-out"
)

// SeatState is where a person stands in a session.
type SeatState string

// States of a seat.
const (
	SeatInvited  SeatState = "invited"
	SeatJoined   SeatState = "joined"
	SeatLeft     SeatState = "left"
	SeatDeclined SeatState = "declined"
)

// Seat is a person's place in a session.
type Seat struct {
	Address string
	Device  string `json:",omitempty"`
	State   SeatState
	// Automatic: the decline came from a device that cannot, not from the person.
	Automatic bool   `json:",omitempty"`
	Reason    string `json:",omitempty"`
}

// Fold is the life of an offered session: a pure function of the entries of its
// conversation in their order, so that every host comes to the same result.
// A value is never changed; Apply answers a new one.
type Fold struct {
	ID, Plugin   string
	Conversation string
	Protocol     uint32
	Title        string
	Payload      []byte `json:",omitempty"`
	By, Device   string
	Seq, Time    int64 // of the offer, the server's
	TTL          int64 // ms; 0 is for ever
	Ends         contractv1.OfferBody_Ends
	Max          int  `json:",omitempty"`
	Solo         bool `json:",omitempty"`
	Self         bool `json:",omitempty"` // in a conversation with oneself
	Answered     bool `json:",omitempty"` // somebody has accepted
	Seats        []Seat
	Over         Over   `json:",omitempty"`
	OverBy       string `json:",omitempty"`
	OverReason   string `json:",omitempty"`
}

// Verdict says what an entry did.
type Verdict struct {
	Changed bool // the fold is another now
	Deliver bool // a valid update
	// Refused says why an update does not count; Ended: because the life is over.
	Refused string
	Ended   bool
}

// Begin folds an OFFER entry that nobody has used the id of. The id must be a
// UUID: no plugin can be called so, and so no offer can take the place of a
// standing session, not even of a plugin that is installed later. open is the number
// of sessions its author has open in the conversation at this entry; false
// means that the offer does not count.
func Begin(e *contractv1.Envelope, open int) (Fold, bool) {
	var body contractv1.OfferBody
	if open >= MaxOffersOpen || !offerID(e.GetSession()) || proto.Unmarshal(e.GetBody(), &body) != nil {
		return Fold{}, false
	}
	if len(body.GetTitle()) > contractv1.MaxOfferTitle || len(body.GetPayload()) > contractv1.MaxOffer || body.GetTtlMs() < 0 {
		return Fold{}, false
	}
	f := Fold{
		ID: e.GetSession(), Plugin: e.GetPlugin(), Conversation: e.GetConversation(), Protocol: e.GetProtocol(),
		Title: oneLine(body.GetTitle()), Payload: body.GetPayload(), By: e.GetFrom(), Device: e.GetDevice(),
		Seq: e.GetSeq(), Time: e.GetTimeMs(), TTL: body.GetTtlMs(), Ends: body.GetEnds(),
		Max: int(body.GetMaxMembers()), Solo: body.GetSolo(),
	}
	if f.Ends == contractv1.OfferBody_ENDS_UNSPECIFIED {
		f.Ends = contractv1.OfferBody_OWNER
	}
	f.Seats = []Seat{{Address: f.By, Device: f.Device, State: SeatJoined}}
	lo, hi, direct := directNames(f.Conversation)
	if f.Self = direct && lo == hi; f.Solo && !f.Self || direct && !takesPart(f.Conversation, f.By) {
		return Fold{}, false
	}
	if direct && !f.Solo {
		f.Seats = append(f.Seats, Seat{Address: otherAddress(f.By, lo, hi), State: SeatInvited})
	}
	return f, true
}

// seat finds whom an entry speaks for, -1 for nobody. With oneself, the offering
// device is the first seat and every other device the second.
func (f *Fold) seat(e *contractv1.Envelope) int {
	if f.Self {
		if e.GetFrom() != f.By {
			return -1
		}
		if f.Solo || e.GetDevice() == f.Device {
			return 0
		}
		return 1
	}
	return slices.IndexFunc(f.Seats, func(s Seat) bool { return s.Address == e.GetFrom() })
}

// Expired tells whether the offer's time was over, by the server's clock.
func (f *Fold) Expired(nowMs int64) bool {
	return f.TTL > 0 && !f.Answered && !f.Solo && nowMs > f.Time+f.TTL
}

func (f *Fold) joined() (n int) {
	for _, s := range f.Seats {
		if s.State == SeatJoined {
			n++
		}
	}
	return n
}

// Apply folds one more entry of the conversation that names this session.
func (f Fold) Apply(e *contractv1.Envelope) (Fold, Verdict) {
	if e.GetPlugin() != f.Plugin {
		return f, Verdict{Refused: "The entry is of another plugin."}
	}
	changed := false
	if f.Over == "" && f.Expired(e.GetTimeMs()) {
		f.Over, f.Payload, changed = OverTimedOut, nil, true
	}
	if f.Over != "" {
		return f, Verdict{Changed: changed, Ended: true, Refused: "The session was already over."}
	}
	i := f.seat(e)
	if e.GetKind() == contractv1.Envelope_UPDATE {
		return f, f.update(i, e)
	}
	f.Seats = slices.Clone(f.Seats)
	return f, Verdict{Changed: f.life(i, e)}
}

func (f *Fold) update(i int, e *contractv1.Envelope) Verdict {
	if i < 0 || f.Seats[i].State != SeatJoined || !f.Solo && f.Seats[i].Device != e.GetDevice() {
		return Verdict{Refused: "This device does not take part in the session."}
	}
	return Verdict{Deliver: true}
}

// life changes f, whose seats are already its own.
func (f *Fold) life(i int, e *contractv1.Envelope) bool {
	why := reasonOf(e)
	switch e.GetKind() {
	case contractv1.Envelope_ACCEPT:
		return f.join(i, e, false)
	case contractv1.Envelope_JOIN:
		return f.join(i, e, true)
	case contractv1.Envelope_DECLINE:
		return f.decline(f.invited(i, e.GetFrom()), why)
	case contractv1.Envelope_CANCEL:
		if i != 0 {
			return false
		}
		if !f.Answered {
			return f.end(OverCancelled, e, why)
		}
		return f.leave(i, e, why)
	case contractv1.Envelope_LEAVE:
		return f.leave(i, e, why)
	case contractv1.Envelope_END:
		if i == 0 && (f.Ends == contractv1.OfferBody_OWNER || f.Solo) {
			return f.end(OverEnded, e, why)
		}
		return f.leave(i, e, why)
	}
	return false
}

// join seats a person's device. The first accept of a person wins; who left may
// join again, and so may somebody new where the conversation is a group.
func (f *Fold) join(i int, e *contractv1.Envelope, again bool) bool {
	if f.Solo || f.Max > 0 && f.joined() >= f.Max {
		return false
	}
	if i = f.invited(i, e.GetFrom()); i < 0 {
		return false
	}
	s := &f.Seats[i]
	switch {
	case s.State == SeatInvited, s.State == SeatDeclined && s.Automatic:
	case again && (s.State == SeatLeft || s.State == SeatDeclined):
	default:
		return false
	}
	*s = Seat{Address: s.Address, Device: e.GetDevice(), State: SeatJoined}
	f.Answered = f.Answered || i > 0
	return true
}

// invited answers the seat of somebody who speaks; in a group, where the offer
// is to all members, it is made with their first word. -1 is none.
func (f *Fold) invited(i int, address string) int {
	if i >= 0 || f.Solo || !isGroup(f.Conversation) || len(f.Seats) >= maxSeats {
		return i
	}
	f.Seats = append(f.Seats, Seat{Address: address, State: SeatInvited})
	return len(f.Seats) - 1
}

func (f *Fold) decline(i int, why *contractv1.ReasonBody) bool {
	if i < 1 {
		return false
	}
	s := &f.Seats[i]
	if s.State != SeatInvited && !(s.State == SeatDeclined && s.Automatic && !why.GetAutomatic()) {
		return false
	}
	*s = Seat{Address: s.Address, State: SeatDeclined, Automatic: why.GetAutomatic(), Reason: why.GetReason()}
	_, _, direct := directNames(f.Conversation)
	if direct && !f.Answered && !s.Automatic {
		f.Over, f.OverBy, f.OverReason, f.Payload = OverDeclined, s.Address, why.GetReason(), nil
	}
	return true
}

func (f *Fold) leave(i int, e *contractv1.Envelope, why *contractv1.ReasonBody) bool {
	if i < 0 || f.Seats[i].State != SeatJoined {
		return false
	}
	if i == 0 && !f.Answered && !f.Solo {
		return f.end(OverCancelled, e, why)
	}
	f.Seats[i].State, f.Seats[i].Reason = SeatLeft, why.GetReason()
	switch {
	case f.Ends == contractv1.OfferBody_OWNER && i == 0, f.Ends == contractv1.OfferBody_LAST && f.joined() == 0:
		return f.end(OverEnded, e, why)
	}
	return true
}

func (f *Fold) end(how Over, e *contractv1.Envelope, why *contractv1.ReasonBody) bool {
	f.Over, f.OverBy, f.OverReason, f.Payload = how, e.GetFrom(), why.GetReason(), nil
	return true
}

func reasonOf(e *contractv1.Envelope) *contractv1.ReasonBody {
	var b contractv1.ReasonBody
	if proto.Unmarshal(e.GetBody(), &b) != nil {
		return nil
	}
	b.Reason = oneLine(cut(b.GetReason(), 256))
	return &b
}

// oneLine is what others wrote as it may stand beside the host's own words:
// without control characters and without what turns the text around it.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\u2028' || r == '\u2029':
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == utf8.RuneError:
			return -1
		}
		return r
	}, s)
}

// cut bounds a text without splitting a character and makes it valid.
func cut(s string, n int) string {
	if len(s) > n {
		s = s[:n]
	}
	return strings.ToValidUTF8(s, "")
}

// encode and decodeFold keep a fold in the store.
func (f *Fold) encode() ([]byte, error) { return json.Marshal(f) }

func decodeFold(data []byte) (f Fold, err error) {
	err = json.Unmarshal(data, &f)
	return f, err
}
