import { Database } from 'bun:sqlite'

const TABLES = `
CREATE TABLE IF NOT EXISTS accounts (
  account_id TEXT PRIMARY KEY, name TEXT UNIQUE, display_name TEXT, email TEXT, api_token TEXT, personal_token TEXT,
  type TEXT, is_active INTEGER, can_write INTEGER, project_keys TEXT);
CREATE TABLE IF NOT EXISTS projects (
  id INTEGER PRIMARY KEY, key TEXT UNIQUE, name TEXT, description TEXT, lead TEXT, last_number INTEGER);
CREATE TABLE IF NOT EXISTS components (id INTEGER PRIMARY KEY, project_id INTEGER, name TEXT);
CREATE TABLE IF NOT EXISTS issues (
  id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT UNIQUE, number INTEGER, project_id INTEGER, type_id TEXT, status_id TEXT,
  priority_id TEXT, resolution_id TEXT, summary TEXT, description TEXT, assignee TEXT, reporter TEXT, creator TEXT,
  parent_id INTEGER, labels TEXT, components TEXT, due TEXT, points REAL, created INTEGER, updated INTEGER,
  resolved INTEGER);
CREATE INDEX IF NOT EXISTS issues_by_parent ON issues (parent_id);
CREATE TABLE IF NOT EXISTS comments (
  id INTEGER PRIMARY KEY AUTOINCREMENT, issue_id INTEGER, author TEXT, body TEXT, created INTEGER, updated INTEGER);
CREATE INDEX IF NOT EXISTS comments_by_issue ON comments (issue_id);
CREATE TABLE IF NOT EXISTS worklogs (
  id INTEGER PRIMARY KEY AUTOINCREMENT, issue_id INTEGER, author TEXT, body TEXT, seconds INTEGER, started INTEGER,
  created INTEGER);
CREATE INDEX IF NOT EXISTS worklogs_by_issue ON worklogs (issue_id);
CREATE TABLE IF NOT EXISTS links (
  id INTEGER PRIMARY KEY AUTOINCREMENT, type_id TEXT, inward_id INTEGER, outward_id INTEGER);
CREATE TABLE IF NOT EXISTS changes (
  id INTEGER PRIMARY KEY AUTOINCREMENT, issue_id INTEGER, author TEXT, created INTEGER, items TEXT);
CREATE INDEX IF NOT EXISTS changes_by_issue ON changes (issue_id);
CREATE TABLE IF NOT EXISTS search_index (
  id INTEGER PRIMARY KEY, project_key TEXT, number INTEGER, status_id TEXT, category TEXT, type_id TEXT,
  priority_rank INTEGER, resolution_id TEXT, assignee TEXT, reporter TEXT, parent_id INTEGER, labels TEXT, summary TEXT,
  summary_words TEXT, description_words TEXT, comment_words TEXT, all_words TEXT, created INTEGER, updated INTEGER);
INSERT OR IGNORE INTO sqlite_sequence (name, seq) VALUES ('issues', 20000);
`

/** Opens the database of a site and makes its tables where they are missing.
 *  @param file path of the database file; memory without one */
export function openDatabase(file?: string): Database {
  const db = new Database(file ?? ':memory:', { create: true, strict: true })
  db.run('PRAGMA journal_mode = WAL')
  db.run(TABLES)
  return db
}
