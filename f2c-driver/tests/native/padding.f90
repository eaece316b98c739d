! Records that are too short for their items.
program p
  call unpadded
  call padded
end program
subroutine unpadded
      character*10 c
      integer ios,i
      open(10,file='a.dat',pad='no')
      write(10,'(a)') 'ab'
      write(10,'(a)') '12'
      rewind 10
      c='zzzzzzzzzz'
      read(10,'(a)',iostat=ios) c
      print *, ios, c
      i=99
      read(10,'(i5)',iostat=ios) i
      print *, ios, i
      close(10)
end subroutine
subroutine padded
      character*10 c,d
      integer ios,i,j
      open(10,file='a.dat')
      write(10,'(a)') 'ab'
      write(10,'(a)') '12'
      write(10,'(a)') '1,2,3'
      write(10,'(a)') '1 2 3'
      rewind 10
      c='zzzzzzzzzz'
      d='yyyyyyyyyy'
      read(10,'(a,a)',iostat=ios) c,d
      print *, ios, c,d
      i=99
      j=77
      read(10,'(i5,i5)',iostat=ios) i,j
      print *, ios, i,j
      read(10,'(i5,i5,i5)') i,j,k
      print *, i,j,k
      read(10,'(3i5)') i,j,k
      print *, i,j,k
      close(10)
end subroutine
