package theme

import (
	"sync"

	"golang.org/x/exp/shiny/materialdesign/icons"
)

// iconSet is the icons that views and pages may name. Names follow the material
// set; what is not here draws as "extension".
var iconSet = map[string][]byte{
	"send": icons.ContentSend, "attach": icons.EditorAttachFile, "reply": icons.ContentReply,
	"forward": icons.ContentForward, "edit": icons.ImageEdit, "delete": icons.ActionDelete,
	"copy": icons.ContentContentCopy, "cut": icons.ContentContentCut, "paste": icons.ContentContentPaste,
	"select_all": icons.ContentSelectAll, "close": icons.NavigationClose, "clear": icons.NavigationClose,
	"more": icons.NavigationMoreHoriz, "more_vert": icons.NavigationMoreVert, "menu": icons.NavigationMenu,
	"back": icons.NavigationArrowBack, "next": icons.NavigationArrowForward,
	"up": icons.NavigationArrowUpward, "down": icons.NavigationArrowDownward,
	"left": icons.NavigationChevronLeft, "right": icons.NavigationChevronRight,
	"expand": icons.NavigationExpandMore, "collapse": icons.NavigationExpandLess,
	"dropdown": icons.NavigationArrowDropDown, "check": icons.NavigationCheck,
	"refresh": icons.NavigationRefresh, "fullscreen": icons.NavigationFullscreen,
	"fullscreen_exit": icons.NavigationFullscreenExit, "unfold": icons.NavigationUnfoldMore,
	"done": icons.ActionDone, "done_all": icons.ActionDoneAll, "schedule": icons.ActionSchedule,
	"search": icons.ActionSearch, "settings": icons.ActionSettings, "extension": icons.ActionExtension,
	"info": icons.ActionInfoOutline, "help": icons.ActionHelpOutline, "history": icons.ActionHistory,
	"home": icons.ActionHome, "lock": icons.ActionLockOutline, "lock_open": icons.ActionLockOpen,
	"visibility": icons.ActionVisibility, "visibility_off": icons.ActionVisibilityOff,
	"exit": icons.ActionExitToApp, "power": icons.ActionPowerSettingsNew, "list": icons.ActionList,
	"bookmark": icons.ActionBookmarkBorder, "code": icons.ActionCode, "event": icons.ActionEvent,
	"language": icons.ActionLanguage, "bug": icons.ActionBugReport, "open": icons.ActionOpenInNew,
	"description": icons.ActionDescription, "dashboard": icons.ActionDashboard,
	"error": icons.AlertErrorOutline, "warning": icons.AlertWarning,
	"play": icons.AVPlayArrow, "pause": icons.AVPause, "stop": icons.AVStop,
	"mic": icons.AVMic, "mic_off": icons.AVMicOff, "video": icons.AVVideocam,
	"video_off": icons.AVVideocamOff, "volume": icons.AVVolumeUp, "volume_off": icons.AVVolumeOff,
	"record": icons.AVFiberManualRecord, "games": icons.AVGames, "replay": icons.AVReplay,
	"call": icons.CommunicationCall, "call_end": icons.CommunicationCallEnd,
	"chat": icons.CommunicationChatBubbleOutline, "message": icons.CommunicationMessage,
	"screen_share": icons.CommunicationScreenShare, "stop_screen_share": icons.CommunicationStopScreenShare,
	"key": icons.CommunicationVPNKey, "import": icons.CommunicationImportContacts,
	"add": icons.ContentAdd, "add_circle": icons.ContentAddCircleOutline, "archive": icons.ContentArchive,
	"unarchive": icons.ContentUnarchive, "block": icons.ContentBlock, "create": icons.ContentCreate,
	"filter": icons.ContentFilterList, "flag": icons.ContentFlag, "gesture": icons.ContentGesture,
	"link": icons.ContentLink, "redo": icons.ContentRedo, "undo": icons.ContentUndo,
	"remove": icons.ContentRemove, "sort": icons.ContentSort, "inbox": icons.ContentInbox,
	"devices": icons.DeviceDevices, "storage": icons.DeviceStorage, "usb": icons.DeviceUSB,
	"format_bold": icons.EditorFormatBold, "format_italic": icons.EditorFormatItalic,
	"format_quote": icons.EditorFormatQuote, "format_list": icons.EditorFormatListBulleted,
	"format_size": icons.EditorFormatSize, "drag": icons.EditorDragHandle, "file": icons.EditorInsertDriveFile,
	"chart": icons.EditorInsertChart, "text": icons.EditorTitle, "attachment": icons.FileAttachment,
	"cloud": icons.FileCloudQueue, "cloud_off": icons.FileCloudOff, "cloud_done": icons.FileCloudDone,
	"download": icons.FileFileDownload, "upload": icons.FileFileUpload, "folder": icons.FileFolder,
	"folder_open": icons.FileFolderOpen, "new_folder": icons.FileCreateNewFolder,
	"computer": icons.HardwareComputer, "phone": icons.HardwareSmartphone, "keyboard": icons.HardwareKeyboard,
	"mouse": icons.HardwareMouse, "headset": icons.HardwareHeadset, "security": icons.HardwareSecurity,
	"hub": icons.HardwareDeviceHub, "brush": icons.ImageBrush, "image": icons.ImageImage,
	"palette": icons.ImagePalette, "camera": icons.ImagePhotoCamera, "tune": icons.ImageTune,
	"timer": icons.ImageTimer, "rotate": icons.ImageRotateRight, "crop": icons.ImageCrop,
	"wifi": icons.NotificationWiFi, "sync": icons.NotificationSync, "sync_problem": icons.NotificationSyncProblem,
	"network": icons.NotificationNetworkCheck, "group": icons.SocialGroup, "group_add": icons.SocialGroupAdd,
	"mood": icons.SocialMood, "notifications": icons.SocialNotificationsNone,
	"notifications_off": icons.SocialNotificationsOff, "person": icons.SocialPersonOutline,
	"person_add": icons.SocialPersonAdd, "public": icons.SocialPublic, "share": icons.SocialShare,
	"star": icons.ToggleStar, "star_border": icons.ToggleStarBorder,
	"check_box": icons.ToggleCheckBox, "check_box_off": icons.ToggleCheckBoxOutlineBlank,
	"radio": icons.ToggleRadioButtonChecked, "radio_off": icons.ToggleRadioButtonUnchecked,
	"pin": icons.MapsPinDrop, "pager": icons.CommunicationChatBubble,
}

var iconCache struct {
	sync.Mutex
	byName map[string]*Icon
	byPath map[string]*Icon
}

// maxPathIcons bounds the cache of icons that plugins bring along.
const maxPathIcons = 256

// IconNamed is an icon of the set; never nil.
func IconNamed(name string) *Icon {
	iconCache.Lock()
	defer iconCache.Unlock()
	if i, ok := iconCache.byName[name]; ok {
		return i
	}
	data, ok := iconSet[name]
	if !ok {
		name, data = "extension", iconSet["extension"]
		if i, ok := iconCache.byName[name]; ok {
			return i
		}
	}
	if iconCache.byName == nil {
		iconCache.byName = make(map[string]*Icon)
	}
	i := decodeIconVG(data)
	iconCache.byName[name] = i
	return i
}

// HasIcon tells whether the set knows a name.
func HasIcon(name string) bool { _, ok := iconSet[name]; return ok }

// IconOf is a plugin's own icon from its manifest's path data (24 units, one
// colour), or the icon of the set with that name, or the puzzle piece.
func IconOf(path string) *Icon {
	if HasIcon(path) || path == "" {
		return IconNamed(path)
	}
	iconCache.Lock()
	i, ok := iconCache.byPath[path]
	iconCache.Unlock()
	if ok {
		return i
	}
	i, err := ParseIcon(path)
	if err != nil {
		i = IconNamed("extension")
	}
	iconCache.Lock()
	defer iconCache.Unlock()
	if iconCache.byPath == nil || len(iconCache.byPath) >= maxPathIcons {
		iconCache.byPath = make(map[string]*Icon)
	}
	iconCache.byPath[path] = i
	return i
}
