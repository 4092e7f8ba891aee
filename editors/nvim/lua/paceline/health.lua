--- `:checkhealth paceline`

local cli = require('paceline.cli')
local config = require('paceline.config')
local display = require('paceline.display')
local server = require('paceline.server')

local M = {}

local function check_editor()
  local health = vim.health
  if vim.fn.has('nvim-0.10') == 0 then
    health.error('Neovim is older than 0.10', { 'Install Neovim 0.10 or newer, best 0.12.' })
    return
  end
  health.ok('Neovim ' .. tostring(vim.version()))
  if display.name() == 'builtin' then
    health.ok("suggestions are drawn by Neovim's own inline completion")
  elseif config.options.ghost == 'builtin' then
    health.warn('Neovim cannot draw the suggestions here, so paceline does', { "Set ghost = 'auto'." })
  else
    health.ok('suggestions are drawn by paceline')
  end
end

---@return boolean
local function check_program()
  local health = vim.health
  local version = cli.ask({ '--version' }, 30000)
  if not version then
    health.error(server.missing())
    return false
  elseif version.code ~= 0 then
    health.error('the program does not run: ' .. cli.said(version))
    return false
  end
  health.ok(('%s, started as "%s"'):format(cli.said(version), table.concat(server.command() or {}, ' ')))
  return true
end

local function check_daemon()
  local result = cli.ask({ 'status', '--json' }, 30000)
  local decoded, state = pcall(vim.json.decode, result and result.stdout or '')
  if not decoded then
    vim.health.error('the daemon cannot be asked: ' .. (result and cli.said(result) or ''))
  elseif state.running then
    vim.health.ok('the daemon runs')
  else
    vim.health.info('no daemon runs; the first file you open starts one')
  end
end

local function check_server()
  local clients = server.clients()
  if not config.options.enabled then
    vim.health.info('suggestions are off; :Paceline toggle')
  elseif #clients == 0 then
    vim.health.info('no file is open that the language server is for')
  end
  for _, client in ipairs(clients) do
    local files = vim.tbl_count(client.attached_buffers)
    vim.health.ok(('the language server runs for %d file%s'):format(files, files == 1 and '' or 's'))
  end
end

local function check_keys()
  local found = false
  for _, mapping in ipairs(vim.api.nvim_get_keymap('i')) do
    local name = (mapping.desc or ''):match('^paceline: (.*)')
    if name and not vim.startswith(mapping.lhs, '<Plug>') then
      found = true
      vim.health.info(('%s: %s'):format(name, mapping.lhs))
    end
  end
  if not found then
    vim.health.info('no keys of paceline are mapped; see :help paceline-keys')
  end
end

function M.check()
  vim.health.start('paceline')
  if not require('paceline').is_set_up() then
    vim.health.error('setup was not called', { "Call require('paceline').setup()." })
    return
  end
  check_editor()
  if check_program() then
    check_daemon()
    check_server()
  end
  check_keys()
end

return M
