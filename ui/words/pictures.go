package words

// Pictures: my own, those of groups, and in conversations.
const (
	MyPicture       Word = "My picture"
	ChangeMyPicture Word = "Choose my picture…"
	RemoveMyPicture Word = "Remove my picture"
	GroupPicture    Word = "Picture of the group"
	ChooseAPicture  Word = "Choose a picture…"
	RemovePicture   Word = "Remove the picture"
	ChoosePicture   Word = "Choose a picture"
	PictureLoading  Word = "Loading…"
	PictureBad      Word = "This picture cannot be shown here."
	FolderAbove     Word = "Folder above"
	NoPicturesHere  Word = "There are no pictures in this folder."
	FolderMore      Word = "There is more in this folder; type the name of the file into the message instead."
)

// UploadFault says why a picture of mine is not at the network.
func UploadFault(why string) string {
	return say("A picture could not be given to the network: %s", Known(why))
}
