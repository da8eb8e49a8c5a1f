import type { Entry, Ledger } from './ledger.ts'
import { ID_LENGTH } from './name.ts'

/** A task, for whoever it belongs to; to all others it looks like one that does not exist. */
export async function ownTask(
  ledger: Ledger,
  taskId: string,
  principal: string | undefined,
): Promise<Entry | undefined> {
  // what is no id needs no look into the store, however long it is
  if (taskId.length !== ID_LENGTH) return undefined
  const entry = await ledger.read(taskId)
  return entry?.record.principal === principal ? entry : undefined
}
