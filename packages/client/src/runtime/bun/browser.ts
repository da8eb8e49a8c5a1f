export { openerFor, openInBrowser, printForPerson } from '../node/browser.ts'
