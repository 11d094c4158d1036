package words

// How a session stands, on its card in the conversation, below its title.
const (
	CardRunning       Word = "Running now"
	CardDeclinedByMe  Word = "You declined"
	CardWithdrawnByMe Word = "You withdrew the offer"
	CardTimedOut      Word = "Nobody answered in time"
	CardLeft          Word = "You left"
)

// CardOffer says who offers it.
func CardOffer(who string) string { return say("%s would like to start this with you", who) }

// CardWaiting says who has to answer my offer.
func CardWaiting(who string) string { return say("Waiting for %s to answer", who) }

// CardAnswered says which of my devices took it.
func CardAnswered(device string) string {
	if device == "" {
		return say("Answered on another device")
	}
	return say("Answered on %s", device)
}

// CardDeclined says who said no.
func CardDeclined(who string) string { return say("%s declined", who) }

// CardWithdrawn says who took the offer back.
func CardWithdrawn(who string) string { return say("%s withdrew the offer", who) }

// CardImpossible says why it cannot be accepted here.
func CardImpossible(reason string) string {
	if reason == "" {
		return say("Not possible here")
	}
	return say("Not possible here: %s", Known(reason))
}

// CardOver says that it has ended, and why if there is a reason.
func CardOver(reason string) string {
	if reason == "" {
		return say("Over")
	}
	return say("Over: %s", Known(reason))
}

// CardSpoken is a card as one sentence for a screen reader.
func CardSpoken(title, state, when string) string {
	return say("%s, %s, %s", title, state, when)
}

// Older is the button that shows the sessions in which nothing happens any more.
const Older Word = "Older"

// IdleFor says for how many days nothing has happened in a session.
func IdleFor(days int) string {
	return say("Nothing has happened here for %d days.", max(days, 1))
}

// OlderCount is the line that opens to the sessions that are idle.
func OlderCount(n int) string {
	return say("%d older", n)
}
