package words

// Conversations: what is given on, pictures that are looked at, days.
const (
	ForwardTo      Word = "Forward to…"
	ForwardFind    Word = "Search conversations"
	JumpToDate     Word = "Jump to date…"
	ZoomIn         Word = "Larger"
	ZoomOut        Word = "Smaller"
	ZoomFit        Word = "Fit the window"
	PictureSave    Word = "Save as…"
	PictureNext    Word = "Next picture"
	PicturePrev    Word = "Picture before"
	PictureWhere   Word = "File"
	PictureSaveNow Word = "Save"
	LinkBarred     Word = "This address is not opened: only web and mail addresses are."
)

// Forwarded says where messages went.
func Forwarded(to string) string { return say("Forwarded to %s", to) }

// PictureSaved says where a picture now is.
func PictureSaved(path string) string { return say("Saved as %s", path) }
