import { useQuery } from '@tanstack/react-query'
import { serverConfig, type ServerConfig } from '@/api/config'

/** What the server says about itself; undefined until it has answered. */
export function useServerConfig(): ServerConfig | undefined {
  return useQuery({ queryKey: ['config'], queryFn: serverConfig, staleTime: Number.POSITIVE_INFINITY }).data
}
