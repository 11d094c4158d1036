package words

// Finding people, commands and what was written.
const (
	SearchPage        Word = "Search messages"
	SearchingMessages Word = "Looking through the messages…"
	InPeople          Word = "People"
	InGroups               = FilterGroups
	InCommands        Word = "Commands"
	InMessages        Word = "Messages"
	FoundPicture      Word = "A picture"
	SearchHint        Word = "Words, or “a phrase”"
	SearchNothing     Word = "Nothing was written like that"
	SearchNothingText Word = "Try fewer words, or take a filter away. Messages that are no longer kept here are not found."
	SearchBegin       Word = "Search everything that was written"
	SearchBeginText   Word = "Type a word. The filters narrow it to a person, a conversation, a time, or to pictures and links."
	SearchMore        Word = "Show older ones"
	FilterFrom        Word = "From"
	FilterIn          Word = "In"
	FilterBefore      Word = "Before"
	FilterAfter       Word = "After"
	FilterHas         Word = "Has"
	HasPicture        Word = "A picture"
	HasLink           Word = "A link"
	FilterToday       Word = "Today"
	FilterWeek        Word = "A week ago"
	FilterMonth       Word = "A month ago"
	FilterYear        Word = "A year ago"
	FilterOff         Word = "Without this filter"
	FindHere          Word = "Find in this conversation"
	FindTip           Word = "Find · Ctrl+F"
	SearchEverything  Word = "Search everything"
	FillScreen        Word = "Fill the screen"
	FindNext          Word = "Next match · F3"
	FindPrevious      Word = "Previous match · Shift+F3"
	FindNone          Word = "No match"
)

// SearchEverywhereFor leads from the jump list to the page of the search.
func SearchEverywhereFor(text string) string { return say("All messages with “%s”", text) }

// WhoWhere is who wrote something and in which conversation.
func WhoWhere(who, where string) string {
	if where == "" {
		return who
	}
	return say("%s in %s", who, where)
}

// FoundLine is a message that was found, for a screen reader.
func FoundLine(who, where, when, text string) string {
	return say("%s, %s: %s", WhoWhere(who, where), when, text)
}

// FindAt says which of the matches shows.
func FindAt(at, all int, more bool) string {
	if more {
		return say("%d of more than %d", at, all)
	}
	return say("%d of %d", at, all)
}

// FoundCount heads the matches.
func FoundCount(n int, more bool) string {
	switch {
	case more:
		return say("More than %d matches", n)
	case n == 1:
		return say("1 match")
	}
	return say("%d matches", n)
}
