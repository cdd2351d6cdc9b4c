// What @platformatic/kafka does with the broker. Arguments: bootstrap server and, unless there is no JMS, the topic of the
// queue that a JMS sender filled and of the one that a JMS consumer will read.
import zlib from 'node:zlib'
import { Admin, Consumer, FetchIsolationLevels, Producer, stringDeserializers, stringSerializers } from '@platformatic/kafka'
import { Checks, equal, value } from './checks.js'

const [bootstrap, fromJms, toJms] = process.argv.slice(2)
const checks = new Checks('@platformatic/kafka 1.35.0')
const topic = 'interop-platformatic'
const options = { clientId: 'interop', bootstrapBrokers: [bootstrap], retries: 3, timeout: 10_000 }
const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'].filter(name => name !== 'zstd' || zlib.zstdCompressSync)
const isolationLevels = { read_uncommitted: FetchIsolationLevels.READ_UNCOMMITTED, read_committed: FetchIsolationLevels.READ_COMMITTED }
const perCodec = 100

const admin = new Admin(options)

async function produce (codec, to, count) {
  const producer = new Producer({ ...options, serializers: stringSerializers, idempotent: true, acks: -1, compression: codec })
  try {
    const messages = Array.from({ length: count }, (_, i) =>
      ({ topic: to, partition: 0, key: `key-${i}`, value: value(codec, i), headers: new Map([['codec', codec]]) }))
    return await producer.send({ messages })
  } finally {
    await producer.close()
  }
}

// Fetches without a group: partition 0 from an offset until there are so many records.
async function fetch (from, offset, count, isolationLevel) {
  const consumer = new Consumer({ ...options, groupId: 'not-joined', deserializers: stringDeserializers })
  try {
    const metadata = await consumer.metadata({ topics: [from] })
    const found = metadata.topics.get(from)
    const records = []
    for (let next = offset; records.length < count;) {
      const answer = await consumer.fetch({
        node: found.partitions[0].leader,
        isolationLevel,
        maxWaitTime: 500,
        minBytes: 1,
        topics: [{
          topicId: found.id,
          partitions: [{ partition: 0, fetchOffset: BigInt(next), currentLeaderEpoch: -1, lastFetchedEpoch: -1, partitionMaxBytes: 1 << 20 }]
        }]
      })
      for (const batch of answer.responses[0].partitions[0].records ?? []) {
        for (const record of batch.records) {
          const at = Number(batch.firstOffset) + record.offsetDelta
          if (at >= next) {
            records.push({ offset: at, key: text(record.key), value: text(record.value), headers: headers(record) })
          }
        }
        next = Math.max(next, Number(batch.firstOffset) + batch.lastOffsetDelta + 1)
      }
    }
    return records
  } finally {
    await consumer.close(true)
  }
}

// Reads a topic from its beginning as the only member of a group, and commits; how many records there were.
async function consumeInGroup (count) {
  const consumer = new Consumer({ ...options, groupId: `${topic}-group`, deserializers: stringDeserializers })
  try {
    const stream = await consumer.consume({ topics: [topic], mode: 'earliest', autocommit: false })
    let read = 0
    for await (const message of stream) {
      equal(`key-${read % perCodec}`, message.key, `key at ${read}`)
      read++
      if (read === count) {
        await message.commit()
        break
      }
    }
    return read
  } finally {
    await consumer.close(true)
  }
}

function text (buffer) {
  return buffer == null ? null : buffer.toString('utf8')
}

function headers (record) {
  return Object.fromEntries([...record.headers].map(([name, header]) => [text(name), text(header)]))
}

await checks.check('admin creates, lists and describes', async () => {
  await admin.createTopics({ topics: [topic], partitions: 2, replicas: 1, configs: [{ name: 'retention.ms', value: '86400000' }] })
  equal(true, (await admin.listTopics()).includes(topic), 'listed')
  const metadata = await admin.metadata({ topics: [topic] })
  equal(2, metadata.topics.get(topic).partitions.length, 'partitions')
})
let expected = 0
for (const codec of codecs) {
  await checks.check(`idempotent producer, ${codec}`, async () => {
    const { offsets } = await produce(codec, topic, perCodec)
    equal(BigInt(expected), offsets[0].offset, 'base offset')
    expected += perCodec
  })
}
if (!codecs.includes('zstd')) {
  checks.skip('codec zstd', 'this version of Node.js has none')
}
for (const [name, level] of Object.entries(isolationLevels)) {
  await checks.check(`fetch without a group, ${name}`, async () => {
    const records = await fetch(topic, 0, expected, level)
    equal(expected, records.length, 'records')
    records.forEach((record, i) => {
      const codec = codecs[Math.floor(i / perCodec)]
      equal(i, record.offset, 'offset')
      equal(`key-${i % perCodec}`, record.key, `key at ${i}`)
      equal(value(codec, i % perCodec), record.value, `value at ${i}`)
      equal(codec, record.headers.codec, `header at ${i}`)
    })
    const [middle] = await fetch(topic, perCodec + 37, 1, level)
    equal(perCodec + 37, middle.offset, 'offset in the middle of a batch')
  })
}
await checks.check('consumer stream in a group', async () => {
  equal(expected, await consumeInGroup(expected), 'records')
  const [group] = await admin.listConsumerGroupOffsets({ groups: [`${topic}-group`] })
  equal(BigInt(expected), group.topics[0].partitions.find(of => of.partitionIndex === 0).committedOffset, 'committed')
})
if (toJms) {
  await checks.check('reads what JMS sent', async () => {
    const records = await fetch(fromJms, 0, 20, isolationLevels.read_uncommitted)
    records.forEach((record, i) => {
      equal(`message-${i}`, record.value, `value at ${i}`)
      equal(`group-${i % 3}`, record.key, `key at ${i}`)
      equal(String(i), record.headers.number, `header at ${i}`)
    })
  })
  for (const codec of codecs) {
    await checks.check(`produces for JMS, ${codec}`, () => produce(codec, toJms, 10))
  }
}
await checks.check('admin deletes', async () => {
  await admin.deleteTopics({ topics: [topic] })
  equal(false, (await admin.listTopics()).includes(topic), 'listed')
})
await admin.close()
checks.exit()
