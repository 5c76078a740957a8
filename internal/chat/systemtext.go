package chat

import "strings"

// WithdrawNotice returns the text that replaces a withdrawn message.
func WithdrawNotice(lang, name string) string {
	return systemText{chinese: lang == "zh"}.withdrew(name)
}

// WithdrawPredicate is [WithdrawNotice] without the name.
func WithdrawPredicate(lang string) string {
	return systemText{chinese: lang == "zh"}.say("withdrew a message", "撤回了一条消息")
}

// systemText makes the texts of the server itself, in the language of the server. The web
// client words the reports of system messages in the language of the reader; both use the
// same words.
type systemText struct{ chinese bool }

func (t systemText) say(english, chinese string, args ...string) string {
	pattern := english
	if t.chinese {
		pattern = chinese
	}
	// One pass, so that a placeholder in a name is not replaced.
	pairs := make([]string, 0, 2*len(args))
	for i, arg := range args {
		pairs = append(pairs, "{"+string(rune('1'+i))+"}", arg)
	}
	return strings.NewReplacer(pairs...).Replace(pattern)
}

// names lists people, at most ten by name.
func (t systemText) names(accounts []Account) string {
	var names []string
	for _, a := range accounts[:min(len(accounts), maxReported)] {
		names = append(names, a.Name)
	}
	comma, more := ", ", " and others"
	if t.chinese {
		comma, more = "、", "等"
	}
	list := strings.Join(names, comma)
	if len(accounts) > maxReported {
		list += more
	}
	return list
}

func (t systemText) deleted() string { return t.say("Deleted person", "已删除的用户") }

func (t systemText) everyone() string { return t.say("everyone", "所有人") }

func (t systemText) fileTransfer() string { return t.say("File transfer", "文件传输") }

func (t systemText) withdrew(name string) string {
	return t.say("{1} withdrew a message", "{1}撤回了一条消息", name)
}

func (t systemText) created(by string) string {
	return t.say("{1} created the group", "{1}创建了群聊", by)
}

func (t systemText) createdWith(by, members string) string {
	return t.say("{1} created the group with {2}", "{1}创建了群聊，成员有{2}", by, members)
}

func (t systemText) added(by, members string) string {
	return t.say("{1} added {2}", "{1}邀请{2}加入了群聊", by, members)
}

func (t systemText) removed(by, member string) string {
	return t.say("{1} removed {2}", "{1}将{2}移出了群聊", by, member)
}

func (t systemText) left(member string) string {
	return t.say("{1} left the group", "{1}退出了群聊", member)
}

func (t systemText) renamed(by, name string) string {
	return t.say("{1} renamed the group to {2}", "{1}将群名称改为{2}", by, name)
}

func (t systemText) pictured(by string) string {
	return t.say("{1} changed the group's picture", "{1}更换了群头像", by)
}

func (t systemText) announced(by, text string) string {
	if text == "" {
		return t.say("{1} removed the announcement", "{1}删除了群公告", by)
	}
	return t.say("{1} announced: {2}", "{1}发布了群公告：{2}", by, text)
}

func (t systemText) converted(by string) string {
	return t.say("{1} made this a permanent group", "{1}将该群聊转为了长期群聊", by)
}

func (t systemText) invite(by string, can bool) string {
	if can {
		return t.say("{1} lets every member add others", "{1}允许所有成员邀请他人", by)
	}
	return t.say("{1} lets only administrators add others", "{1}设置为仅管理员可邀请他人", by)
}

func (t systemText) admin(by, member string, admin bool) string {
	if admin {
		return t.say("{1} made {2} an administrator", "{1}将{2}设为管理员", by, member)
	}
	return t.say("{1} removed {2} from the administrators", "{1}取消了{2}的管理员身份", by, member)
}

func (t systemText) succeeds(member string) string {
	return t.say("{1} is now in charge of the group", "{1}成为了群主", member)
}

func (t systemText) ban(by string, banned bool) string {
	if banned {
		return t.say("{1} allowed only administrators to write", "{1}开启了全员禁言", by)
	}
	return t.say("{1} allowed everybody to write", "{1}解除了全员禁言", by)
}

func (t systemText) dissolved(by string) string {
	return t.say("{1} dissolved the group", "{1}解散了群聊", by)
}

func (t systemText) pinned(by string) string {
	return t.say("{1} pinned a message", "{1}置顶了一条消息", by)
}

func (t systemText) asksForFriendship(by, message string) string {
	if message == "" {
		return t.say("{1} would like to be your friend", "{1}请求添加你为好友", by)
	}
	return t.say("{1} would like to be your friend: {2}", "{1}请求添加你为好友：{2}", by, message)
}

func (t systemText) isFriendNow(by string) string {
	return t.say("{1} accepted your friend request", "{1}通过了你的好友申请", by)
}
