--- The language server: found, started for files, told what the user does.

local config = require('paceline.config')

local M = {}

M.NAME = 'paceline'

local INSTALL = 'paceline is not installed here: no program "paceline" on the PATH. '
  .. 'Install it (pipx install PATH_OF_THE_REPOSITORY), or name it: '
  .. "require('paceline').setup({ cmd = { '/path/to/paceline', 'lsp' } })"

local told = false

--- The repository this plugin is a folder of, if it is: an installation into its `.venv` is found there.
---@return string
local function repository()
  local file = debug.getinfo(1, 'S').source:sub(2)
  local folder = vim.uv.fs_realpath(file) or file
  for _ = 1, 5 do
    folder = vim.fs.dirname(folder)
  end
  return folder
end

--- The command that starts the server; nil where there is none to be found.
---@return string[]?
function M.command()
  local given = config.options.cmd
  if given then
    return vim.fn.executable(given[1]) == 1 and given or nil
  end
  local places = { 'paceline', repository() .. '/.venv/bin/paceline', vim.fn.expand('~/.local/bin/paceline') }
  for _, program in ipairs(places) do
    if vim.fn.executable(program) == 1 then
      return { program, 'lsp' }
    end
  end
  return nil
end

--- The sentence for a user who has no server: what to do.
---@return string
function M.missing()
  local given = config.options.cmd
  return given and ('paceline: cannot run "%s"; mend the option cmd'):format(given[1]) or INSTALL
end

--- Whether the server should be started for a buffer; says once what to do where it cannot be.
---@param buf integer
---@return boolean
local function should_start(buf)
  if not config.is_file(buf) or not config.filetype_wanted(vim.bo[buf].filetype) then
    return false
  end
  if M.command() then
    return true
  end
  if not told then
    told = true
    vim.notify(M.missing(), vim.log.levels.WARN)
  end
  return false
end

--- Neovim 0.11 made the functions of clients methods.
---@param client vim.lsp.Client
---@param name string
---@param ... any
---@return any ...
local function call(client, name, ...)
  if vim.fn.has('nvim-0.11') == 1 then
    return client[name](client, ...)
  end
  return client[name](...)
end

---@param client vim.lsp.Client
---@return boolean
local function is_ours(client)
  return client.name == M.NAME and not call(client, 'is_stopped')
end

---@return vim.lsp.ClientConfig
local function client_config()
  local capabilities = vim.lsp.protocol.make_client_capabilities()
  capabilities.textDocument.inlineCompletion = { dynamicRegistration = false }
  return {
    name = M.NAME,
    cmd = M.command() or { 'paceline', 'lsp' },
    capabilities = capabilities,
    init_options = config.server_settings(),
    settings = { paceline = config.server_settings() },
    flags = { debounce_text_changes = 0 },
    handlers = {
      didChangeStatus = function(_, state, context)
        require('paceline.status').heard(context.client_id, state)
      end,
    },
  }
end

---@param buf integer
local function start(buf)
  local client = client_config()
  client.root_dir = vim.fs.root(buf, '.git')
  vim.lsp.start(client, { bufnr = buf, reuse_client = is_ours })
end

--- Have Neovim's own configuration of servers start ours (0.11 and later).
local function configure()
  local client = client_config() --[[@as vim.lsp.Config]]
  client.reuse_client = is_ours
  client.root_dir = function(buf, found)
    if should_start(buf) then
      found(vim.fs.root(buf, '.git'))
    end
  end
  vim.lsp.config(M.NAME, client)
  vim.lsp.enable(M.NAME)
end

--- Have the server started for files that are open and those to come.
---@param group integer autocommands
function M.enable(group)
  told = false
  local act = M.start_where_wanted
  if vim.fn.has('nvim-0.11') == 1 then
    configure()
    act = function(event)
      should_start(event.buf) -- Neovim leaves a server out without a word where its program is missing
    end
  end
  vim.api.nvim_create_autocmd('FileType', { group = group, callback = act })
  for _, buf in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(buf) then
      act({ buf = buf })
    end
  end
end

--- Start the server for a buffer it is for.
---@param event { buf: integer }
function M.start_where_wanted(event)
  if should_start(event.buf) then
    start(event.buf)
  end
end

---@param buf? integer of this buffer; all if absent
---@return vim.lsp.Client[]
function M.clients(buf)
  if buf and not vim.api.nvim_buf_is_valid(buf) then
    return {}
  end
  return vim.tbl_filter(is_ours, vim.lsp.get_clients({ name = M.NAME, bufnr = buf }))
end

---@param client vim.lsp.Client
---@param method string
---@param parameters table
---@param answered lsp.Handler
---@param buf integer
---@return integer? id of the request
function M.request(client, method, parameters, answered, buf)
  local sent, id = call(client, 'request', method, parameters, answered, buf)
  return sent and id or nil
end

---@param client vim.lsp.Client
---@param id integer
function M.cancel(client, id)
  call(client, 'cancel_request', id)
end

---@param client_id integer
---@param method string
---@param parameters table
function M.notify(client_id, method, parameters)
  local client = vim.lsp.get_client_by_id(client_id)
  if client then
    call(client, 'notify', method, parameters)
  end
end

--- Run the command of an item, which tells the server that it was accepted.
---@param buf integer
---@param client_id integer
---@param command lsp.Command
function M.execute(buf, client_id, command)
  local client = vim.lsp.get_client_by_id(client_id)
  if client then
    local parameters = { command = command.command, arguments = command.arguments }
    M.request(client, 'workspace/executeCommand', parameters, function() end, buf)
  end
end

--- Tell the server of settings that changed.
function M.push_settings()
  for _, client in ipairs(M.clients()) do
    client.settings = { paceline = config.server_settings() }
    M.notify(client.id, 'workspace/didChangeConfiguration', { settings = client.settings })
  end
end

--- Leave the server and start it anew for the files it had.
function M.restart()
  local buffers = {}
  for _, client in ipairs(M.clients()) do
    vim.list_extend(buffers, vim.tbl_keys(client.attached_buffers))
    call(client, 'stop', true)
  end
  if #buffers == 0 then
    buffers = { vim.api.nvim_get_current_buf() }
  end
  for _, buf in ipairs(buffers) do
    M.start_where_wanted({ buf = buf })
  end
end

return M
