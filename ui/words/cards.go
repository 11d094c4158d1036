package words

import "fmt"

// How a session stands, on its card in the conversation, below its title.
const (
	CardRunning       = "Running now"
	CardDeclinedByMe  = "You declined"
	CardWithdrawnByMe = "You withdrew the offer"
	CardTimedOut      = "Nobody answered in time"
	CardLeft          = "You left"
)

// CardOffer says who offers it.
func CardOffer(who string) string { return fmt.Sprintf("%s would like to start this with you", who) }

// CardWaiting says who has to answer my offer.
func CardWaiting(who string) string { return fmt.Sprintf("Waiting for %s to answer", who) }

// CardAnswered says which of my devices took it.
func CardAnswered(device string) string {
	if device == "" {
		return "Answered on another device"
	}
	return fmt.Sprintf("Answered on %s", device)
}

// CardDeclined says who said no.
func CardDeclined(who string) string { return fmt.Sprintf("%s declined", who) }

// CardWithdrawn says who took the offer back.
func CardWithdrawn(who string) string { return fmt.Sprintf("%s withdrew the offer", who) }

// CardImpossible says why it cannot be accepted here.
func CardImpossible(reason string) string {
	if reason == "" {
		return "Not possible here"
	}
	return fmt.Sprintf("Not possible here: %s", reason)
}

// CardOver says that it has ended, and why if there is a reason.
func CardOver(reason string) string {
	if reason == "" {
		return "Over"
	}
	return fmt.Sprintf("Over: %s", reason)
}

// CardSpoken is a card as one sentence for a screen reader.
func CardSpoken(title, state, when string) string {
	return fmt.Sprintf("%s, %s, %s", title, state, when)
}
