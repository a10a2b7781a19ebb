/** What the names of images that can be read end with, from the first dot on. */
export const imageExtensions = ['.nii', '.nii.gz', '.png', '.tif', '.tiff', '.ome.tif', '.ome.tiff'] as const

/** Whether a file is a picture of microscopy, by its name: PNG or TIFF. */
export const isMicrograph = (path: string): boolean => /\.(png|tiff?)$/i.test(path)
