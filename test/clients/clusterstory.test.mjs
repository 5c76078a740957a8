// Three nodes on PostgreSQL and NATS. The balancer gives each request of a session to another node than the one before.
import { startCluster } from './server.mjs'
import { tell } from './story.mjs'

tell('at any node', startCluster)
