// What kafkajs does with the broker. Arguments: bootstrap server and, unless there is no JMS, the topic that JMS will read.
import kafkajs from 'kafkajs'
import { Checks, equal, value } from './checks.js'

const { CompressionTypes, ConfigResourceTypes, Kafka, logLevel } = kafkajs
const [bootstrap, , toJms] = process.argv.slice(2)
const checks = new Checks('kafkajs 2.2.4')
const topic = 'interop-kafkajs'
const kafka = new Kafka({ clientId: 'interop', brokers: [bootstrap], logLevel: logLevel.ERROR })
const codecs = { none: CompressionTypes.None, gzip: CompressionTypes.GZIP }
const perCodec = 100

const admin = kafka.admin()

async function produce (name, to, count) {
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  try {
    const messages = Array.from({ length: count }, (_, i) =>
      ({ key: `key-${i}`, value: value(name, i), headers: { codec: name }, partition: 0 }))
    return await producer.send({ topic: to, acks: -1, compression: codecs[name], messages })
  } finally {
    await producer.disconnect()
  }
}

async function consumeInGroup (groupId, count) {
  const consumer = kafka.consumer({ groupId })
  const values = []
  await consumer.connect()
  try {
    await consumer.subscribe({ topics: [topic], fromBeginning: true })
    await new Promise((resolve, reject) => {
      consumer.on(consumer.events.CRASH, event => reject(event.payload.error))
      consumer.run({
        eachMessage: async ({ message }) => {
          values.push(message.value.toString())
          if (values.length === count) {
            resolve()
          }
        }
      }).catch(reject)
    })
  } finally {
    await consumer.disconnect() // commits
  }
  return values
}

await checks.check('admin creates, lists and describes', async () => {
  await admin.connect()
  await admin.createTopics({
    topics: [{ topic, numPartitions: 2, replicationFactor: 1, configEntries: [{ name: 'retention.ms', value: '86400000' }] }]
  })
  equal(true, (await admin.listTopics()).includes(topic), 'listed')
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
  equal(2, topics[0].partitions.length, 'partitions')
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configNames: ['retention.ms'] }]
  })
  equal('86400000', resources[0].configEntries[0].configValue, 'retention.ms')
  equal(1, (await admin.describeCluster()).brokers.length, 'brokers')
})
let expected = 0
for (const name of Object.keys(codecs)) {
  await checks.check(`idempotent producer, ${name}`, async () => {
    const [answer] = await produce(name, topic, perCodec)
    equal(String(expected), answer.baseOffset, 'base offset')
    expected += perCodec
  })
}
await checks.check('admin tells offsets', async () => {
  const offsets = await admin.fetchTopicOffsets(topic)
  equal(String(expected), offsets.find(of => of.partition === 0).high, 'high watermark')
})
await checks.check('consumer group', async () => {
  const groupId = `${topic}-group`
  const values = await consumeInGroup(groupId, expected)
  equal(expected, values.length, 'records')
  equal(value('none', 0), values[0], 'first value')
  const [{ partitions }] = await admin.fetchOffsets({ groupId, topics: [topic] })
  equal(String(expected), partitions.find(of => of.partition === 0).offset, 'committed')
})
await checks.check('admin sees and deletes groups', async () => {
  const groupId = `${topic}-group`
  equal(true, (await admin.listGroups()).groups.some(group => group.groupId === groupId), 'listed')
  equal('Empty', (await admin.describeGroups([groupId])).groups[0].state, 'state')
  await admin.deleteGroups([groupId])
  equal(false, (await admin.listGroups()).groups.some(group => group.groupId === groupId), 'listed')
})
checks.skip('codecs snappy, lz4, zstd', 'kafkajs has none, other packages bring them')
if (toJms) {
  for (const name of Object.keys(codecs)) {
    await checks.check(`produces for JMS, ${name}`, () => produce(name, toJms, 10))
  }
}
await checks.check('admin deletes', async () => {
  await admin.deleteTopics({ topics: [topic] })
  equal(false, (await admin.listTopics()).includes(topic), 'listed')
})
await admin.disconnect()
checks.exit()
