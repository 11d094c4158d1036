package words

// Devices and the way back to an account.
const (
	LinkHow            Word = "On the new device choose “I have an account already”, then scan this or type the code. Both screens then show six digits."
	LinkNewCode        Word = "New code"
	LinkCopy           Word = "Copy link"
	LinkCodeCaption    Word = "Code"
	RenameDevice       Word = "Rename this device"
	DeviceNameCaption  Word = "Name of the device"
	Recovery           Word = "Recovery code"
	RecoveryText       Word = "If you lose all your devices, this code brings back your name, your contacts and your groups. Keep it on paper or in a password manager: whoever has it can become you."
	RecoveryHave       Word = "You have one. It was shown once and is kept nowhere else."
	RecoveryNone       Word = "You have none yet."
	RecoveryMake       Word = "Make a recovery code"
	RecoveryMakeNew    Word = "Make a new one"
	RecoveryReplace    Word = "Make a new recovery code?"
	RecoveryReplaceTxt Word = "The one you have stops working at once."
	RecoveryShown      Word = "This is shown once. Keep it before you go on."
	RecoveryKept       Word = "I have kept it"
	RecoveryDone       Word = "Good. Your account can be brought back with it."
	RecoveryOffer      Word = "If you lose this computer, a recovery code brings your account back."
	RecoveryOfferText  Word = "It takes a minute, and you are asked only once."
	RecoveryNotNow     Word = "Not now"
	RecoveryMaking     Word = "Making a code…"
	NewKeysText        Word = "That is so after a new beginning without an old device. If it surprises you, ask them in person."
	Understood         Word = "OK"
	QRLabel            Word = "QR code"
)

// ValidUntil says until when a code works.
func ValidUntil(when string) string { return say("Works once, until %s.", when) }

// NewKeys says since when somebody signs in with new keys.
func NewKeys(who, since string) string { return say("%s signs in with new keys since %s", who, since) }

// RenameDeviceOf labels the button that renames a device.
func RenameDeviceOf(name string) string { return say("Rename %s", name) }
