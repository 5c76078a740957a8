import { start } from './server.mjs'
import { tell } from './story.mjs'

tell('on one server', start)
