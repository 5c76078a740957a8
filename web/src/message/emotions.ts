// The bracket emotions: names in brackets that clients of this protocol have
// always put into texts. They are shown as Unicode emoji; the text itself stays
// as it was sent, so that every client can show it in its own way.

interface Emotion {
  zh: string
  en: string
  emoji: string
}

const table = `
微笑|Smile|🙂 撇嘴|Grimace|😒 色|Drool|😍 发呆|Scowl|😳 得意|CoolGuy|😎 流泪|Sob|😭 害羞|Shy|☺️ 闭嘴|Silent|🤐
睡|Sleep|😴 大哭|Cry|😭 尴尬|Awkward|😅 发怒|Angry|😡 调皮|Tongue|😜 呲牙|Grin|😁 惊讶|Surprise|😲 难过|Frown|🙁
酷|Cool|😎 冷汗|Blush|😰 抓狂|Scream|😫 吐|Puke|🤮 偷笑|Chuckle|🤭 可爱|Joyful|😊 愉快|Happy|😄 白眼|Slight|🙄
傲慢|Smug|😏 饥饿|Hungry|🤤 困|Drowsy|😪 惊恐|Panic|😱 流汗|Sweat|😓 憨笑|Laugh|😃 大兵|Commando|🫡 悠闲|Leisure|😌
奋斗|Determined|💪 咒骂|Scold|🤬 疑问|Shocked|❓ 嘘|Shhh|🤫 晕|Dizzy|😵 折磨|Tormented|😖 衰|Toasted|😞 骷髅|Skull|💀
敲打|Hammer|🔨 再见|Bye|👋 擦汗|Speechless|😥 抠鼻|NosePick|😑 鼓掌|Clap|👏 糗大了|Shame|😳 坏笑|Trick|😈 左哼哼|Bah！L|😤
右哼哼|Bah！R|😤 哈欠|Yawn|🥱 鄙视|Pooh-pooh|👎 委屈|Shrunken|🥺 快哭了|TearingUp|😢 阴险|Sly|😏 亲亲|Kiss|😘 吓|Wrath|😨
可怜|Whimper|🥺 菜刀|Cleaver|🔪 西瓜|Watermelon|🍉 啤酒|Beer|🍺 篮球|Basketball|🏀 乒乓|PingPong|🏓 咖啡|Coffee|☕ 饭|Rice|🍚
猪头|Pig|🐷 玫瑰|Rose|🌹 凋谢|Wilt|🥀 示爱|Lips|💋 爱心|Heart|❤️ 心碎|BrokenHeart|💔 蛋糕|Cake|🎂 闪电|Lightning|⚡
炸弹|Bomb|💣 刀|Dagger|🗡️ 足球|Soccer|⚽ 瓢虫|Ladybug|🐞 便便|Poop|💩 月亮|Moon|🌙 太阳|Sun|☀️ 礼物|Gift|🎁
拥抱|Hug|🤗 强|ThumbsUp|👍 弱|ThumbsDown|👎 握手|Shake|🤝 胜利|Peace|✌️ 抱拳|Salute|🙏 勾引|Beckon|☝️ 拳头|Fist|✊
差劲|Pinky|👎 爱你|RockOn|🤟 不|NO|🙅 好的|OK|👌 爱情|InLove|💑 飞吻|Blowkiss|😘 跳跳|Waddle|🕺 发抖|Tremble|🥶
怄火|Aaagh!|😠 转圈|Twirl|💫 磕头|Kotow|🙇 回头|Dramatic|🙄 跳绳|JumpRope|🤸 挥手|Surrender|🙋 激动|Hooray|🤩 街舞|Meditate|🧘
笑脸|Smiley|😄 生病|Sick|😷 破涕为笑|Lol|😂 吐舌|Tease|😝 脸红|Flushed|😳 恐惧|Terror|😱 失望|Disappointed|😔 无语|Hmm|😶
嘿哈|Hey|🤜 捂脸|Facepalm|🤦 奸笑|Smirk|😏 机智|Wise|🧐 皱眉|Concerned|😟 耶|Yeah!|✌️ 红包|Packet|🧧 烟花|Fireworks|🎆
庆祝|Party|🎉 合十|Worship|🙏 加油|GoForIt|💪 天啊|OMG|😱 社会社会|Respect|😎 旺柴|Doge|🐶 吃瓜|Onlooker|🍿 赞|Like|👍
感谢|Thanks|🙏 火|Fire|🔥 星星|Star|⭐ 打脸|Slap|🤕 哇|Wow|😮 翻白眼|Boring|🙄 裂开|Broken|💔
叹气|Sigh|😮‍💨 苦涩|Bitter|😣 让我看看|LetMeSee|👀 汗|SweatDrop|💦 强壮|Muscle|💪 思考|Think|🤔 祈祷|Pray|🙏 气球|Balloon|🎈
`

/** Every bracket emotion, in the order in which the picker shows them. */
export const emotions: readonly Emotion[] = table
  .trim()
  .split(/\s+/)
  .map((entry) => {
    const [zh = '', en = '', emoji = ''] = entry.split('|')
    return { zh, en, emoji }
  })

const byName = new Map<string, string>()
for (const { zh, en, emoji } of emotions) {
  byName.set(zh, emoji)
  byName.set(en, emoji)
}

/** The emoji that a bracket name stands for, without its brackets. [NO] is one, [no] is somebody's text. */
const emotionOf = (name: string): string | undefined => byName.get(name)

const bracketed = /\[([^[\]\s]{1,12})\]/g

/** The text as it reads: every bracket emotion that is known as its emoji. */
export function withEmotions(text: string): string {
  if (!text.includes('[')) return text
  return text.replace(bracketed, (whole, name: string) => emotionOf(name) ?? whole)
}
